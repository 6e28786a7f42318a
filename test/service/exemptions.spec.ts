import assert from 'node:assert/strict'
import { FOUND_PEER_MAX_AGE_MS } from '../../src/connect/targets/candidates.ts'
import { Exemptions } from '../../src/service/exemptions.ts'
import { FakeClock } from '../support/fake-clock.ts'
import type { SessionState } from '../../src/types/peer.ts'
import type { TargetSource } from '../../src/connect/targets/target.ts'

const SEED: { key: string, source: TargetSource } = { key: '/dns4/seed.example.org/tcp/8765', source: 'seed' }

describe('service/exemptions', () => {
  let clock: FakeClock
  let exemptions: Exemptions

  beforeEach(() => {
    clock = new FakeClock()
    exemptions = new Exemptions(['configured'], clock)
  })

  function reach (id: string, target = SEED): { id: string, state: SessionState } {
    const session: { id: string, state: SessionState } = { id, state: 'ready' }
    exemptions.onReached(session, target)

    return session
  }

  function close (session: { id: string, state: SessionState }): void {
    session.state = 'closed'
    exemptions.onClosed(session)
  }

  it('are for configured peers, for ever, and for no others', async () => {
    await clock.advance(1000 * FOUND_PEER_MAX_AGE_MS)
    assert.deepEqual(['configured', 'other'].map((id) => exemptions.has(id)), [true, false])
  })

  it(`are for the peer that a seed leads to while the session lasts and for ${FOUND_PEER_MAX_AGE_MS} ms afterwards, and not for longer`, async () => {
    const session = reach('found')
    await clock.advance(10 * FOUND_PEER_MAX_AGE_MS)
    assert.equal(exemptions.has('found'), true)
    close(session)
    await clock.advance(FOUND_PEER_MAX_AGE_MS - 1)
    assert.equal(exemptions.has('found'), true)
    await clock.advance(1)
    assert.equal(exemptions.has('found'), false)
  })

  it('are not for those that the peer makes of it by coming back on its own', async () => {
    close(reach('found'))
    reach('found', { key: 'found', source: 'discovered' })
    await clock.advance(FOUND_PEER_MAX_AGE_MS)
    assert.equal(exemptions.has('found'), false)
  })

  it('go from one to the next where a seed leads to another peer: however often it does, one is exempt', () => {
    const names = Array.from({ length: 100 }, (_, i) => `found ${i}`)
    names.forEach((name) => { close(reach(name)) })
    assert.deepEqual(names.filter((name) => exemptions.has(name)), ['found 99'])
    reach('of another seed', { ...SEED, key: '/dns4/other.example.org/tcp/8765' })
    assert.equal(exemptions.has('found 99'), true)
  })
})

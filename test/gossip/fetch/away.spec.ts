import assert from 'node:assert/strict'
import { AWAY_MS, AwayPeers, MAX_AWAY } from '../../../src/gossip/fetch/away.ts'
import { FakeClock } from '../../support/fake-clock.ts'

describe('gossip/fetch/away', () => {
  let clock: FakeClock
  let away: AwayPeers

  beforeEach(() => {
    clock = new FakeClock()
    away = new AwayPeers(clock)
  })

  it(`knows a peer that comes back within ${AWAY_MS} ms, once, and not later`, async () => {
    away.add('alice')
    away.add('bob')
    await clock.advance(AWAY_MS - 1)
    assert.deepEqual([away.take('alice'), away.take('alice'), away.take('carol')], [true, false, false])
    await clock.advance(1)
    assert.equal(away.size, 0)
    assert.equal(away.take('bob'), false)
  })

  it(`knows ${MAX_AWAY} of them, and of one more not the first that went`, () => {
    const ids = Array.from({ length: MAX_AWAY }, (_, index) => String(index))
    ids.forEach((id) => { away.add(id) })
    away.add('0')
    away.add('one more')
    assert.equal(away.size, MAX_AWAY)

    assert.deepEqual(['1', '0', '2', 'one more'].map((id) => away.take(id)), [false, true, true, true])
  })
})

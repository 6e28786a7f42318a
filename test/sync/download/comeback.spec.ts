import assert from 'node:assert/strict'
import { COMEBACK_CHECK_MS, COMEBACK_TIMEOUT_MS, Comebacks } from '../../../src/sync/download/comeback.ts'
import { isPending } from '../../support/eventually.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import type { Session } from '../../../src/session/session.ts'

interface Peer { id: string, isRelayed: boolean, state: 'ready' | 'closed' }

describe('sync/download/comeback', () => {
  let clock: FakeClock
  let ready: Peer[]
  let comebacks: Comebacks

  beforeEach(() => {
    clock = new FakeClock()
    ready = []
    comebacks = new Comebacks({ clock, peers: () => ready as Session[] })
  })

  afterEach(() => { assert.equal(clock.pending, 0) })

  /** A peer that was asked, and whose session has ended. */
  function lose (id: string, isRelayed = true): void {
    const peer: Peer = { id, isRelayed, state: 'ready' }
    ready = [peer]
    comebacks.peers()
    peer.state = 'closed'
    ready = []
  }

  const come = (id: string, isRelayed = true): void => { ready.push({ id, isRelayed, state: 'ready' }) }

  it('waits for no peer where none behind a relay has gone', async () => {
    assert.equal(await comebacks.wait(), false)
    lose('direct', false)
    assert.equal(await comebacks.wait(), false)
    come('here')
    comebacks.peers()
    assert.equal(await comebacks.wait(), false)
  })

  for (const isRelayed of [true, false]) {
    it(`waits until one that has gone is back, ${isRelayed ? 'through a relay' : 'directly'}, and for no other`, async () => {
      lose('alice')
      const back = comebacks.wait()
      come('bob')
      await clock.advance(10 * COMEBACK_CHECK_MS)
      assert.ok(await isPending(back))
      come('alice', isRelayed)
      await clock.advance(COMEBACK_CHECK_MS)
      assert.equal(await back, true)
    })
  }

  it('does not wait for one that is back already', async () => {
    lose('alice')
    come('alice')
    assert.equal(await comebacks.wait(), true)
  })

  it(`waits for ${COMEBACK_TIMEOUT_MS} ms, and not longer`, async () => {
    lose('alice')
    const back = comebacks.wait()

    for (let waited = 0; waited < COMEBACK_TIMEOUT_MS - COMEBACK_CHECK_MS; waited += COMEBACK_CHECK_MS) {
      await clock.advance(COMEBACK_CHECK_MS)
    }

    assert.ok(await isPending(back))
    await clock.advance(COMEBACK_CHECK_MS)
    assert.equal(await back, false)
  })

  it('ends with its signal', async () => {
    lose('alice')
    const controller = new AbortController()
    const back = comebacks.wait(controller.signal)
    controller.abort()
    assert.equal(await back, false)
    assert.equal(await comebacks.wait(controller.signal), false)
  })
})

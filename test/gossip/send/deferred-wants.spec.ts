import assert from 'node:assert/strict'
import { MAX_STORED_ITEMS } from '../../../src/gossip/send/item-store.ts'
import { MAX_DEFERRED_WANTS, DeferredWants, DEFERRED_WANTS_CHECK_MS } from '../../../src/gossip/send/deferred-wants.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import type { ReadyPeer } from '../../../src/gossip/peers.ts'

describe('gossip/send/deferred-wants', () => {
  let clock: FakeClock
  let owed: DeferredWants
  /** What was sent, and to whom. */
  let sent: string[]
  /** How many may be sent to each peer. */
  let left: Record<string, number>

  const alice = { id: 'alice' } as ReadyPeer
  const bob = { id: 'bob' } as ReadyPeer

  beforeEach(() => {
    clock = new FakeClock()
    sent = []
    left = {}
    owed = new DeferredWants({
      clock,
      send: (key, { id }) => {
        const may = (left[id] ?? 0) > 0

        if (may) {
          left[id]!--
          sent.push(`${id} ${key}`)
        }

        return may
      }
    })
  })

  afterEach(() => {
    owed.stop()
    assert.equal(clock.pending, 0)
  })

  it(`sends it when it may, in the order in which it was asked for, and looks every ${DEFERRED_WANTS_CHECK_MS} ms`, async () => {
    owed.add('1', alice)
    owed.add('2', alice)
    owed.add('2', alice)
    owed.add('3', bob)
    await clock.advance(DEFERRED_WANTS_CHECK_MS)
    assert.deepEqual(sent, [])
    left = { alice: 1, bob: 5 }
    await clock.advance(DEFERRED_WANTS_CHECK_MS - 1)
    assert.deepEqual(sent, [])
    await clock.advance(1)
    assert.deepEqual(sent, ['alice 1', 'bob 3'])
    left = { alice: 5 }
    await clock.advance(DEFERRED_WANTS_CHECK_MS)
    assert.deepEqual(sent.slice(2), ['alice 2'])
    assert.equal(clock.pending, 0, 'it looks for nothing')
  })

  it(`keeps ${MAX_DEFERRED_WANTS} items for a peer, and no more`, async () => {
    Array.from({ length: MAX_DEFERRED_WANTS + 1 }, (_, i) => { owed.add(`${i}`, alice) })
    owed.add('other', bob)
    left = { alice: 1000, bob: 1000 }
    await clock.advance(DEFERRED_WANTS_CHECK_MS)

    assert.deepEqual([sent.length, sent.at(-2), sent.at(-1)], [MAX_DEFERRED_WANTS + 1, `alice ${MAX_DEFERRED_WANTS - 1}`, 'bob other'])
    assert.ok(MAX_DEFERRED_WANTS >= MAX_STORED_ITEMS, 'what can be asked for can be owed')
  })

  it('keeps nothing for a peer that has gone', async () => {
    owed.add('1', alice)
    owed.forgetPeer(alice)
    assert.equal(clock.pending, 0)
    left = { alice: 1 }
    await clock.advance(DEFERRED_WANTS_CHECK_MS)

    assert.deepEqual(sent, [])
  })
})

import assert from 'node:assert/strict'
import { createPendingBroadcasts, PENDING_BROADCAST_TTL_MS, MAX_PENDING_BROADCAST_BYTES, MAX_PENDING_BROADCASTS } from '../../../src/gossip/send/pending-broadcasts.ts'
import { FramedItem } from '../../../src/gossip/send/item-store.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import type { ItemStore } from '../../../src/gossip/send/item-store.ts'

function framed (key: string, bytes = 10): FramedItem {
  return new FramedItem({ type: 'newTransaction', key, frame: new Uint8Array(bytes), isLarge: false })
}

describe('gossip/send/pending-broadcasts', () => {
  let clock: FakeClock
  let pending: ItemStore

  beforeEach(() => {
    clock = new FakeClock()
    pending = createPendingBroadcasts(clock)
  })

  function keys (): string[] {
    return [...pending].map(({ key }) => key)
  }

  it(`keeps ${MAX_PENDING_BROADCASTS} broadcasts, and the oldest makes room for one more`, () => {
    for (let i = 0; i < MAX_PENDING_BROADCASTS; i++) {
      pending.add(framed(String(i)))
    }

    assert.deepEqual([pending.size, keys()[0]], [MAX_PENDING_BROADCASTS, '0'])
    pending.add(framed('more'))
    assert.deepEqual([pending.size, keys()[0], keys().at(-1)], [MAX_PENDING_BROADCASTS, '1', 'more'])
  })

  it(`keeps ${MAX_PENDING_BROADCAST_BYTES} bytes, and the oldest makes room for one more`, () => {
    pending.add(framed('a', 1))
    pending.add(framed('b', MAX_PENDING_BROADCAST_BYTES - 1))
    assert.deepEqual(keys(), ['a', 'b'])
    pending.add(framed('c', 1))
    assert.deepEqual(keys(), ['b', 'c'])
  })

  it(`keeps each for ${PENDING_BROADCAST_TTL_MS} ms`, async () => {
    pending.add(framed('a'))
    await clock.advance(PENDING_BROADCAST_TTL_MS - 1)
    assert.deepEqual(keys(), ['a'])
    await clock.advance(1)
    assert.deepEqual(keys(), [])
  })
})

import assert from 'node:assert/strict'
import { createHeldBack, HELD_BACK_TTL_MS, MAX_HELD_BACK_BYTES, MAX_HELD_BACK_ITEMS } from '../../../src/gossip/send/pending-broadcasts.ts'
import { FramedItem } from '../../../src/gossip/send/item-store.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import type { ItemStore } from '../../../src/gossip/send/item-store.ts'

function framed (key: string, bytes = 10): FramedItem {
  return new FramedItem({ type: 'newTransaction', key, frame: new Uint8Array(bytes), isLarge: false })
}

describe('gossip/held-back', () => {
  let clock: FakeClock
  let heldBack: ItemStore

  beforeEach(() => {
    clock = new FakeClock()
    heldBack = createHeldBack(clock)
  })

  function keys (): string[] {
    return [...heldBack].map(({ key }) => key)
  }

  it(`keeps ${MAX_HELD_BACK_ITEMS} broadcasts, and the oldest makes room for one more`, () => {
    for (let i = 0; i < MAX_HELD_BACK_ITEMS; i++) {
      heldBack.add(framed(String(i)))
    }

    assert.deepEqual([heldBack.size, keys()[0]], [MAX_HELD_BACK_ITEMS, '0'])
    heldBack.add(framed('more'))
    assert.deepEqual([heldBack.size, keys()[0], keys().at(-1)], [MAX_HELD_BACK_ITEMS, '1', 'more'])
  })

  it(`keeps ${MAX_HELD_BACK_BYTES} bytes, and the oldest makes room for one more`, () => {
    heldBack.add(framed('a', 1))
    heldBack.add(framed('b', MAX_HELD_BACK_BYTES - 1))
    assert.deepEqual(keys(), ['a', 'b'])
    heldBack.add(framed('c', 1))
    assert.deepEqual(keys(), ['b', 'c'])
  })

  it(`keeps each for ${HELD_BACK_TTL_MS} ms`, async () => {
    heldBack.add(framed('a'))
    await clock.advance(HELD_BACK_TTL_MS - 1)
    assert.deepEqual(keys(), ['a'])
    await clock.advance(1)
    assert.deepEqual(keys(), [])
  })
})

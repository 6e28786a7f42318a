import assert from 'node:assert/strict'
import { SlotMemory } from '../../../src/gossip/transactions/slot-memory.ts'

const SHARED_BYTES = 64 * 1024
const SLOTS = 1024

const itemOf = (fill: number, bytes: number): Uint8Array => new Uint8Array(bytes).fill(fill)

describe('gossip/transactions/slot-memory', () => {
  let memory: SlotMemory

  beforeEach(() => {
    memory = new SlotMemory(SLOTS)
  })

  /** Puts small items that fill as many pieces of memory, from a slot on. */
  function fillPieces (pieces: number, first = 0): number {
    const count = pieces * SHARED_BYTES / 1024

    for (let slot = first; slot < first + count; slot++) {
      memory.put(slot, itemOf(slot % 256, 1024))
    }

    return count
  }

  it('gives each item back from its slot, and counts their bytes', () => {
    memory.put(3, itemOf(1, 100))
    memory.put(5, itemOf(2, 20_000))
    memory.put(4, itemOf(3, 0))
    assert.deepEqual([memory.get(3), memory.get(5), memory.get(4)], [itemOf(1, 100), itemOf(2, 20_000), itemOf(3, 0)])
    assert.equal(memory.bytes, 20_100)
    memory.free(5)
    assert.equal(memory.bytes, 100)
  })

  it(`has small items share memory, and gives those above ${SHARED_BYTES / 4} bytes their own`, () => {
    memory.put(0, itemOf(1, 100))
    memory.put(1, itemOf(2, SHARED_BYTES / 4))
    memory.put(2, itemOf(3, SHARED_BYTES / 4 + 1))
    assert.equal(memory.get(0).buffer, memory.get(1).buffer)
    assert.equal(memory.get(2).buffer.byteLength, SHARED_BYTES / 4 + 1)
  })

  it('uses memory again when all of its items are freed', () => {
    const count = fillPieces(2)

    for (let slot = 0; slot < count / 2; slot++) {
      memory.free(slot)
    }

    memory.put(0, itemOf(7, 1))
    // what was there first lies behind it: nothing has cleared the memory
    assert.equal(new Uint8Array(memory.get(0).buffer)[1024], 1)
  })

  it('leaves an item that was given away as it is', () => {
    const count = fillPieces(2)
    const given = memory.get(7)

    for (let slot = 0; slot < count; slot++) {
      memory.free(slot)
    }

    fillPieces(4)
    assert.deepEqual(given, itemOf(7, 1024))
  })

  it('forgets all of it', () => {
    fillPieces(3)
    memory.clear()
    assert.equal(memory.bytes, 0)
    memory.put(0, itemOf(9, 10))
    assert.deepEqual(memory.get(0), itemOf(9, 10))
  })
})

import assert from 'node:assert/strict'
import { fillsMemory, freeGiven, freeMemory, giveAway, MIN_FREED_BYTES } from '../../src/memory/free-memory.ts'

describe('memory/free-memory: freeMemory', () => {
  it(`frees memory of ${MIN_FREED_BYTES} bytes and more, whatever part of it the view is of`, () => {
    for (const bytes of [MIN_FREED_BYTES, MIN_FREED_BYTES + 1]) {
      const whole = new Uint8Array(bytes)
      freeMemory(whole.subarray(1, 2))
      assert.equal(whole.byteLength, 0)
    }
  })

  it('leaves smaller memory to the garbage collector', () => {
    const bytes = new Uint8Array(MIN_FREED_BYTES - 1)
    freeMemory(bytes)
    assert.equal(bytes.byteLength, MIN_FREED_BYTES - 1)
  })

  it('leaves alone what it cannot free: a pool of Node.js, shared memory, and memory of WebAssembly', () => {
    const kept = [
      Buffer.allocUnsafe(100),
      new Uint8Array(new SharedArrayBuffer(MIN_FREED_BYTES)),
      new Uint8Array(new WebAssembly.Memory({ initial: 1 }).buffer)
    ]
    kept.forEach(freeMemory)
    assert.deepEqual(kept.map(({ byteLength }) => byteLength), [100, MIN_FREED_BYTES, 65_536])
  })
})

describe('memory/free-memory: giveAway', () => {
  it('has memory freed when its end is encrypted and the microtask is over', async () => {
    const bytes = new Uint8Array(MIN_FREED_BYTES)
    giveAway(bytes)
    freeGiven(bytes.subarray(0, -1))
    await Promise.resolve()
    assert.equal(bytes.byteLength, MIN_FREED_BYTES)
    freeGiven(bytes.subarray(-1))
    assert.equal(bytes.byteLength, MIN_FREED_BYTES)
    await Promise.resolve()
    assert.equal(bytes.byteLength, 0)
  })

  it('does nothing where other bytes are in the same memory, or there is little of it', async () => {
    const sizes = [2 * MIN_FREED_BYTES, MIN_FREED_BYTES - 1, MIN_FREED_BYTES]
    const [whole, small, other] = sizes.map((size) => new Uint8Array(size)) as [Uint8Array, Uint8Array, Uint8Array]
    giveAway(whole.subarray(MIN_FREED_BYTES))
    giveAway(small)

    for (const bytes of [whole, small, other]) {
      freeGiven(bytes)
    }

    await Promise.resolve()
    assert.deepEqual([whole.byteLength, small.byteLength, other.byteLength], sizes)
  })
})

describe('memory/free-memory: fillsMemory', () => {
  it('is true of a view of all of its memory', () => {
    const whole = new Uint8Array(4)
    assert.ok(fillsMemory(whole))
    assert.ok(!fillsMemory(whole.subarray(1)))
    assert.ok(!fillsMemory(whole.subarray(0, 3)))
  })
})

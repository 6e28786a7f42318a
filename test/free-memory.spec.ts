import assert from 'node:assert/strict'
import { fillsMemory, freeMemory, MIN_FREED_BYTES } from '../src/free-memory.ts'

describe('freeMemory', () => {
  it(`gives back ${MIN_FREED_BYTES} bytes and more, whatever part of them it is told of`, () => {
    for (const bytes of [MIN_FREED_BYTES, MIN_FREED_BYTES + 1]) {
      const whole = new Uint8Array(bytes)
      freeMemory(whole.subarray(1, 2))
      assert.equal(whole.byteLength, 0)
    }
  })

  it('leaves less to the garbage collector', () => {
    const bytes = new Uint8Array(MIN_FREED_BYTES - 1)
    freeMemory(bytes)
    assert.equal(bytes.byteLength, MIN_FREED_BYTES - 1)
  })

  it('leaves memory alone that cannot be given back: a pool of Node.js, what is shared, that of WebAssembly', () => {
    const kept = [
      Buffer.allocUnsafe(100),
      new Uint8Array(new SharedArrayBuffer(MIN_FREED_BYTES)),
      new Uint8Array(new WebAssembly.Memory({ initial: 1 }).buffer)
    ]
    kept.forEach(freeMemory)
    assert.deepEqual(kept.map(({ byteLength }) => byteLength), [100, MIN_FREED_BYTES, 65_536])
  })
})

describe('fillsMemory', () => {
  it('is true of what has its memory for itself', () => {
    const whole = new Uint8Array(4)
    assert.ok(fillsMemory(whole))
    assert.ok(!fillsMemory(whole.subarray(1)))
    assert.ok(!fillsMemory(whole.subarray(0, 3)))
  })
})

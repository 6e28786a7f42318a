import assert from 'node:assert/strict'
import { Uint8ArrayList } from 'uint8arraylist'
import { withoutWaste } from '../../src/memory/pieces.ts'

describe('memory/pieces', () => {
  it('leaves a piece that is most of its memory as it is', () => {
    const bytes = new Uint8Array(100)
    const list = new Uint8ArrayList(bytes)

    assert.equal(withoutWaste(bytes), bytes)
    assert.equal(withoutWaste(bytes.subarray(0, 25)).byteLength, 25)
    assert.ok((withoutWaste(bytes.subarray(0, 25)) as Uint8Array).buffer === bytes.buffer)
    assert.equal(withoutWaste(list), list)
  })

  it('copies a piece that is a small part of its memory', () => {
    const small = new Uint8Array(100).fill(7).subarray(0, 24)
    const copy = withoutWaste(small) as Uint8Array

    assert.deepEqual([...copy], Array(24).fill(7))
    assert.equal(copy.buffer.byteLength, 24)
    assert.equal((withoutWaste(Buffer.from(small.buffer).subarray(0, 24)) as Uint8Array).buffer.byteLength, 24)
    assert.equal((withoutWaste(new Uint8ArrayList(new Uint8Array(100), small)) as Uint8Array).buffer.byteLength, 124)
  })
})

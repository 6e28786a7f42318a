import assert from 'node:assert/strict'
import { allocate } from '../../src/codec/memory.ts'

describe('allocate', () => {
  it('gives pieces that do not overlap', () => {
    const pieces = Array.from({ length: 500 }, (_, i) => allocate(1 + i % 300).fill(i % 256))

    pieces.forEach((piece, i) => {
      assert.equal(piece.byteLength, 1 + i % 300)
      assert.ok(piece.every((byte) => byte === i % 256))
    })
  })

  it('keeps no more than 8 KiB for the sake of a small piece', () => {
    for (let bytes = 0; bytes <= 1024; bytes += 64) {
      assert.ok(allocate(bytes).buffer.byteLength <= 8192)
    }
  })

  it('gives a large piece memory of its own', () => {
    assert.equal(allocate(1025).buffer.byteLength, 1025)
  })
})

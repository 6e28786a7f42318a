import assert from 'node:assert/strict'
import { Pool, received, written } from '../../src/memory/pool.ts'

describe('memory/pool', () => {
  const pool = new Pool()
  const allocate = (bytes: number): Uint8Array => pool.allocate(bytes)

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

  it('cannot be transferred with one of its pieces', () => {
    const [one, other] = [allocate(10).fill(1), allocate(10).fill(2)]
    assert.throws(() => structuredClone(one, { transfer: [one.buffer as ArrayBuffer] }), { name: 'DataCloneError' })
    assert.throws(() => (one.buffer as ArrayBuffer).transfer(), { name: 'TypeError' })
    assert.deepEqual([one, other], [new Uint8Array(10).fill(1), new Uint8Array(10).fill(2)])
  })

  it('goes on with new memory where the platform allows a transfer', () => {
    const unkept = new Pool(() => {})
    const piece = unkept.allocate(10)
    structuredClone(piece, { transfer: [piece.buffer as ArrayBuffer] })
    assert.equal(piece.byteLength, 0)
    const [one, other] = [unkept.allocate(10).fill(1), unkept.allocate(1024).fill(2)]

    assert.deepEqual([one.byteLength, one[9], other.byteLength, other[1023], one.buffer === other.buffer], [10, 1, 1024, 2, true])
  })

  it('is not the same for what is received and what is sent', () => {
    assert.notEqual(received.allocate(1).buffer, written.allocate(1).buffer)
  })
})

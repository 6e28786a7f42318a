import assert from 'node:assert/strict'
import fc from 'fast-check'
import { bytesEqual, compareBytes } from '../../src/util/bytes.ts'

const anyBytes = fc.uint8Array({ maxLength: 4 })

describe('util/bytes', () => {
  it('tells equal bytes from others, as Buffer does', () => {
    fc.assert(fc.property(anyBytes, anyBytes, (a, b) => {
      assert.equal(bytesEqual(a, b), Buffer.from(a).equals(b))
      assert.equal(bytesEqual(a, Uint8Array.from(a)), true)
    }))
  })

  it('takes bytes that begin like others for different ones', () => {
    assert.equal(bytesEqual(Uint8Array.of(1, 2), Uint8Array.of(1)), false)
    assert.equal(bytesEqual(Uint8Array.of(1), Uint8Array.of(1, 2)), false)
    assert.equal(bytesEqual(new Uint8Array(0), Uint8Array.of(0)), false)
  })

  it('puts bytes in the order that Buffer does', () => {
    fc.assert(fc.property(anyBytes, anyBytes, (a, b) => {
      assert.equal(Math.sign(compareBytes(a, b)), Buffer.compare(a, b))
    }))
  })
})

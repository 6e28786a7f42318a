import assert from 'node:assert/strict'
import { toBigint } from '../../../src/codec/wire/reader.ts'

/** The bytes of a varint. */
function varint (value: bigint): Uint8Array {
  const bytes: number[] = []
  let rest = value

  for (; rest > 0x7fn; rest >>= 7n) {
    bytes.push(Number(rest & 0x7fn) | 0x80)
  }

  return Uint8Array.from([...bytes, Number(rest)])
}

describe('codec/wire/reader', () => {
  describe('toBigint', () => {
    for (const bits of [1n, 7n, 8n, 31n, 32n, 33n, 48n, 49n, 50n, 53n, 63n, 64n]) {
      const beyond = 1n << bits

      for (const value of [beyond - 1n, ...(bits < 64n ? [beyond] : [])]) {
        it(`reads ${value}`, () => {
          const bytes = varint(value)
          assert.equal(toBigint(bytes, 0, bytes.byteLength), value)
        })
      }
    }

    it('reads a varint that is longer than it has to be, and 0', () => {
      assert.equal(toBigint(Uint8Array.of(9, 0x85, 0x80, 0x00, 9), 1, 4), 5n)
      assert.equal(toBigint(Uint8Array.of(0), 0, 1), 0n)
    })
  })
})

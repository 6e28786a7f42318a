import assert from 'node:assert/strict'
import fc from 'fast-check'
import { bigintToUint64 } from '../../../src/codec/wire/uint64.ts'

type Halves = [low: number, high: number]

const SAFE: [value: number, halves: Halves][] = [
  [0, [0, 0]],
  [1, [1, 0]],
  [2 ** 31 - 1, [0x7fffffff, 0]],
  [2 ** 31, [0x80000000 | 0, 0]],
  [2 ** 32 - 1, [-1, 0]],
  [2 ** 32, [0, 1]],
  [2 ** 53 - 1, [-1, 0x1fffff]]
]

const UNSAFE: [value: bigint, halves: Halves][] = [
  [2n ** 53n, [0, 0x200000]],
  [2n ** 63n - 1n, [-1, 0x7fffffff]],
  [2n ** 63n, [0, 0x80000000 | 0]],
  [2n ** 64n - 1n, [-1, -1]]
]

function uint64 ([low, high]: Halves): { low: number, high: number, unsigned: boolean } {
  return { low, high, unsigned: true }
}

describe('codec/wire/uint64', () => {
  for (const [value, halves] of SAFE) {
    it(`converts ${value}`, () => {
      assert.deepEqual(bigintToUint64(BigInt(value)), uint64(halves))
    })
  }

  for (const [value, halves] of UNSAFE) {
    it(`converts ${value}, which is more than a number holds`, () => {
      assert.deepEqual(bigintToUint64(value), uint64(halves))
    })
  }

  it('has both halves of every bigint', () => {
    fc.assert(fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
      const { low, high } = bigintToUint64(value)

      assert.equal(BigInt(high >>> 0) << 32n | BigInt(low >>> 0), value)
    }), { numRuns: 500 })
  })
})

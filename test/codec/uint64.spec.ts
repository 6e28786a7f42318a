import assert from 'node:assert/strict'
import fc from 'fast-check'
import { bigintToUint64, uint64ToBigint, uint64ToNumber } from '../../src/codec/uint64.ts'

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

describe('uint64', () => {
  for (const [value, halves] of SAFE) {
    it(`converts ${value} both ways`, () => {
      assert.equal(uint64ToNumber(uint64(halves), 'height'), value)
      assert.equal(uint64ToBigint(uint64(halves)), BigInt(value))
      assert.deepEqual(bigintToUint64(BigInt(value)), uint64(halves))
    })
  }

  for (const [value, halves] of UNSAFE) {
    it(`converts ${value} to and from a bigint only`, () => {
      assert.throws(() => uint64ToNumber(uint64(halves), 'height'), { name: 'RangeError', message: /`height`/ })
      assert.equal(uint64ToBigint(uint64(halves)), value)
      assert.deepEqual(bigintToUint64(value), uint64(halves))
    })
  }

  it('takes halves that are unsigned', () => {
    assert.equal(uint64ToBigint({ low: 0xffffffff, high: 0xffffffff, unsigned: true }), 2n ** 64n - 1n)
    assert.equal(uint64ToNumber({ low: 0xffffffff, high: 0x1fffff, unsigned: true }, 'height'), Number.MAX_SAFE_INTEGER)
  })

  it('takes the number that stands for an absent field', () => {
    assert.equal(uint64ToNumber(0, 'height'), 0)
    assert.equal(uint64ToBigint(0), 0n)
  })

  it('gets back every bigint', () => {
    fc.assert(fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
      assert.equal(uint64ToBigint(bigintToUint64(value)), value)
    }), { numRuns: 500 })
  })
})

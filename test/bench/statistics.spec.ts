import assert from 'node:assert/strict'
import { percentile, spread } from '../../bench/statistics.ts'

describe('bench/statistics', () => {
  it('takes the value that a share of all are not above', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index)

    assert.equal(percentile(values, 0.5), 50)
    assert.equal(percentile(values, 0.99), 99)
    assert.equal(percentile([7], 0.99), 7)
  })

  it('takes the middle of an odd number of values, and the mean of the two in the middle of an even one', () => {
    assert.deepEqual(spread([3, 1, 2]), { min: 1, median: 2, max: 3 })
    assert.deepEqual(spread([10, 1, 2, 3]), { min: 1, median: 2.5, max: 10 })
  })

  it('refuses nothing at all', () => {
    assert.throws(() => percentile([], 0.5), /nothing/)
    assert.throws(() => spread([]), /nothing/)
  })
})

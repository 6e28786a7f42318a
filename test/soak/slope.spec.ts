import assert from 'node:assert/strict'
import { slopeOf } from './slope.ts'

const MINUTE_MS = 60_000

function points (values: number[]): { at: number, value: number }[] {
  return values.map((value, minute) => ({ at: minute * MINUTE_MS, value }))
}

describe('soak/slope', () => {
  it('tells how much is added in an hour, without an error where all are on a line', () => {
    assert.deepEqual(slopeOf(points([5, 7, 9, 11])), { perHour: 120, error: 0, rise: 6 })
  })

  it('is 0 for what stays the same', () => {
    assert.deepEqual(slopeOf(points([3, 3, 3])), { perHour: 0, error: 0, rise: 0 })
  })

  it('has an error as large as what the line leaves unexplained', () => {
    const { perHour, error } = slopeOf(points([1, 2, 2, 3]))

    // by hand: 0.6 a minute; the rest squared is 0.2, of two degrees of freedom, over a spread of 5
    assert(Math.abs(perHour - 36) < 1e-9)
    assert(Math.abs(error - 60 * Math.sqrt(0.2 / 2 / 5)) < 1e-9)
  })

  it('takes three measurements at least', () => {
    assert.throws(() => slopeOf(points([1, 2])), /three measurements/)
  })
})

import assert from 'node:assert/strict'
import { backoff } from '../../src/util/backoff.ts'

describe('util/backoff', () => {
  it('doubles the pause with each failure, up to the longest', () => {
    const pauses = [1, 2, 3, 4, 5, 6].map((failures) => backoff({ first: 100, longest: 1000 }, failures))

    assert.deepEqual(pauses, [100, 200, 400, 800, 1000, 1000])
  })

  it('never exceeds the longest pause, however many failures there were', () => {
    assert.equal(backoff({ first: 100, longest: 1000 }, 5000), 1000)
  })

  it('gives the first pause where there was no failure', () => {
    assert.equal(backoff({ first: 100, longest: 1000 }, 0), 100)
  })
})

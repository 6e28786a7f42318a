import assert from 'node:assert/strict'
import { MAX_STRIDE, SHORT_MS, Stride } from '../../src/util/stride.ts'

describe('util/stride', () => {
  let stride: Stride

  beforeEach(() => { stride = new Stride() })

  /** For how many pieces each of those counts that are timed, when all take so long. */
  function weights (pieces: number, ms: number): number[] {
    const timed: number[] = []

    for (let piece = 0; piece < pieces; piece++) {
      const weight = stride.pass()

      if (weight > 0) {
        timed.push(weight)
        stride.took(ms)
      }
    }

    return timed
  }

  it(`times one in ${MAX_STRIDE} short pieces, each of which counts for those before it`, () => {
    assert.deepEqual(weights(15 + 2 * MAX_STRIDE, SHORT_MS), [1, 2, 4, 8, 8, 8])
  })

  it('times each piece that is long', () => {
    assert.deepEqual(weights(4, SHORT_MS + 0.001), [1, 1, 1, 1])
  })

  it('times each from the first long one that it meets, until one is short', () => {
    weights(15, 0)
    assert.deepEqual(weights(MAX_STRIDE + 2, SHORT_MS + 0.001), [8, 1, 1])
    assert.deepEqual(weights(3, 0), [1, 2])
  })

  it('counts anew from a restart', () => {
    weights(1 + 2 + 3, 0)
    stride.restart()
    assert.deepEqual(weights(4, 0), [4])
  })
})

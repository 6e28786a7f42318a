import assert from 'node:assert/strict'
import { featureBits, featuresOf } from '../../src/codec/features.ts'
import { FEATURES } from '../../src/types/features.ts'
import type { Feature } from '../../src/types/features.ts'

describe('codec/features', () => {
  it('gives each feature the bit of the protocol', () => {
    assert.deepEqual(['short-digests', 'compact-blocks', 'peers'].map((feature) => featureBits([feature as Feature])), [1n, 2n, 4n])
  })

  it('joins bits, and finds the features in them in the order of the bits', () => {
    assert.equal(featureBits([]), 0n)
    assert.equal(featureBits(['peers', 'short-digests']), 5n)
    assert.deepEqual(featuresOf(5n), ['short-digests', 'peers'])
  })

  it('passes over bits that it does not know', () => {
    assert.deepEqual(featuresOf(2n ** 64n - 1n), [...FEATURES])
    assert.deepEqual(featuresOf(2n ** 64n - 1n - 7n), [])
  })
})

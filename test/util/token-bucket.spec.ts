import assert from 'node:assert/strict'
import fc from 'fast-check'
import { TokenBucket } from '../../src/util/token-bucket.ts'
import { FakeClock } from '../support/fake-clock.ts'

describe('util/token-bucket', () => {
  let clock: FakeClock

  beforeEach(() => {
    clock = new FakeClock()
  })

  it('gives a burst at once, and asks for a wait with one more', () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 5 }, clock)

    assert.deepEqual(Array.from({ length: 6 }, () => bucket.take(1)), [0, 0, 0, 0, 0, 100])
  })

  it('gives what costs more than the burst, and has the debt waited for', () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 5 }, clock)
    assert.equal(bucket.take(25), 2000)
    assert.equal(bucket.tokens, -20)
    clock.stall(1999)
    assert.ok(bucket.tokens < 0)
    clock.stall(1)
    assert.equal(bucket.take(0), 0)
  })

  it('has them back after a pause, and no more than the burst after a long one', () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 5 }, clock)
    bucket.take(5)
    clock.stall(300)
    assert.equal(bucket.tokens, 3)
    clock.stall(1_000_000)
    assert.equal(bucket.tokens, 5)
  })

  it('gives as much as is taken where there is no limit', () => {
    for (const rate of [{ perSecond: Infinity, burst: 1 }, { perSecond: 1, burst: Infinity }]) {
      const bucket = new TokenBucket(rate, clock)
      assert.equal(bucket.take(1e12), 0)
      clock.stall(1)
      assert.deepEqual([bucket.take(1e12), bucket.tokens], [0, Infinity])
    }
  })

  it('gives within any time no more than a burst and what comes back in it', () => {
    const step = fc.record({ pause: fc.integer({ min: 0, max: 3000 }), cost: fc.integer({ min: 1, max: 30 }) })

    fc.assert(fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const clock = new FakeClock()
      const begin = clock.now()
      const bucket = new TokenBucket({ perSecond: 7, burst: 20 }, clock)
      let given = 0

      for (const { pause, cost } of steps) {
        clock.stall(pause)

        if (bucket.tokens >= cost) {
          assert.equal(bucket.take(cost), 0)
          given += cost
        }

        assert.ok(given <= 20 + 7 * (clock.now() - begin) / 1000 + 1e-6)
      }
    }))
  })
})

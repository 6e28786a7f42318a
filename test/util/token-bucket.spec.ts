import assert from 'node:assert/strict'
import fc from 'fast-check'
import { TokenBucket } from '../../src/util/token-bucket.ts'
import { FakeClock } from '../support/fake-clock.ts'

describe('util/token-bucket', () => {
  let clock: FakeClock

  beforeEach(() => {
    clock = new FakeClock()
  })

  it('gives a burst at once, and no more without a wait', () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 5 }, clock)

    assert.deepEqual(Array.from({ length: 6 }, () => bucket.take(1)), [0, 0, 0, 0, 0, 100])
  })

  it('gives what costs more than the burst, and says how long until the debt is paid', () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 5 }, clock)
    assert.equal(bucket.take(25), 2000)
    assert.equal(bucket.tokens, -20)
    clock.stall(1999)
    assert.ok(bucket.tokens < 0)
    clock.stall(1)
    assert.equal(bucket.take(0), 0)
  })

  it('gives tokens back with time, and no more than the burst after a long pause', () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 5 }, clock)
    bucket.take(5)
    clock.stall(300)
    assert.equal(bucket.tokens, 3)
    clock.stall(1_000_000)
    assert.equal(bucket.tokens, 5)
  })

  it('gives any amount where there is no limit', () => {
    for (const rate of [{ perSecond: Infinity, burst: 1 }, { perSecond: 1, burst: Infinity }]) {
      const bucket = new TokenBucket(rate, clock)
      assert.equal(bucket.take(1e12), 0)
      clock.stall(1)
      assert.deepEqual([bucket.take(1e12), bucket.tokens], [0, Infinity])
    }
  })

  it('takes nothing where less is there than is asked for', () => {
    const clock = new FakeClock()
    const bucket = new TokenBucket({ perSecond: 1, burst: 2 }, clock)

    assert.deepEqual([bucket.tryTake(3), bucket.tokens], [false, 2])
    assert.deepEqual([bucket.tryTake(2), bucket.tokens], [true, 0])
    clock.stall(999)
    assert.equal(bucket.tryTake(1), false)
    clock.stall(1)
    assert.equal(bucket.tryTake(1), true)
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

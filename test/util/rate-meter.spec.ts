import assert from 'node:assert/strict'
import { RateMeter, RATE_STEP_MS, RATE_WINDOW_MS } from '../../src/util/rate-meter.ts'
import { FakeClock } from '../support/fake-clock.ts'

describe('util/rate-meter', () => {
  let clock: FakeClock
  let rate: RateMeter

  beforeEach(() => {
    clock = new FakeClock()
    rate = new RateMeter(clock)
  })

  it('is nothing at first', () => {
    assert.equal(rate.perSecond, 0)
  })

  it('measures over the time since its start, one step at least', async () => {
    rate.add(10)
    assert.equal(rate.perSecond, 10 / RATE_STEP_MS * 1000)
    await clock.advance(1000)
    assert.equal(rate.perSecond, 10)
    await clock.advance(1000)
    assert.equal(rate.perSecond, 5)
  })

  it('is steady where as much comes all the time', async () => {
    for (let i = 0; i < 300; i++) {
      await clock.advance(100)
      rate.add(7)

      if (i > 10) {
        assert.ok(Math.abs(rate.perSecond - 70) < 8, `${rate.perSecond} after ${i}`)
      }
    }
  })

  it('is that of a few large amounts, whenever it is looked at', async () => {
    for (const interval of [1700, 4000, 10_000]) {
      rate = new RateMeter(clock)

      for (let i = 0; i < 10; i++) {
        await clock.advance(interval)
        rate.add(1)
        assert.ok(Math.abs(rate.perSecond * interval / 1000 - 1) < 1e-9, `${rate.perSecond} after ${i} of ${interval} ms`)
      }
    }
  })

  it('is no more than what comes now after a long pause, and all of that when the window is over', async () => {
    await clock.advance(60_000)

    for (let i = 1; i <= 100; i++) {
      await clock.advance(50)
      rate.add(50)
      assert.ok(rate.perSecond <= 1001, `${rate.perSecond} after ${i}`)
    }

    assert.ok(rate.perSecond > 990, `${rate.perSecond}`)
  })

  it(`forgets what is longer ago than ${RATE_WINDOW_MS} ms`, async () => {
    rate.add(1000)
    await clock.advance(RATE_WINDOW_MS - RATE_STEP_MS)
    assert.notEqual(rate.perSecond, 0)
    await clock.advance(RATE_STEP_MS)
    assert.equal(rate.perSecond, 0)
    rate.add(10)
    assert.ok(rate.perSecond > 0 && rate.perSecond < 10)
  })

  it('forgets everything in a long pause, however long', async () => {
    rate.add(1000)
    await clock.advance(1e9)
    assert.equal(rate.perSecond, 0)
  })
})

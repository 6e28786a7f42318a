import assert from 'node:assert/strict'
import { Ticker } from '../../../src/cli/output/ticker.ts'
import type { TickerClock, TickerInit } from '../../../src/cli/output/ticker.ts'

/** One timer, moved by hand. */
class HandClock implements TickerClock {
  time = 1000
  #timer: { at: number, callback: () => void } | undefined

  readonly now = (): number => this.time

  readonly setTimeout = (callback: () => void, delay: number): unknown => {
    assert.equal(this.#timer, undefined, 'one timer at a time')
    this.#timer = { at: this.time + delay, callback }

    return this.#timer
  }

  readonly clearTimeout = (timer: unknown): void => {
    if (timer === this.#timer) {
      this.#timer = undefined
    }
  }

  get next (): number | undefined {
    return this.#timer?.at
  }

  /** Fires the timer, `late` ms after its time, and waits for what it does. */
  async fire (late = 0): Promise<void> {
    const timer = this.#timer
    assert(timer != null)
    this.#timer = undefined
    this.time = timer.at + late
    timer.callback()
    await new Promise((resolve) => { setImmediate(resolve) })
  }
}

describe('cli/output/ticker', () => {
  function create (beat: TickerInit['beat'], onError: TickerInit['onError'] = (err) => { throw err }): { clock: HandClock, ticker: Ticker } {
    const clock = new HandClock()

    return { clock, ticker: new Ticker({ interval: 100, beat, onError, clock }) }
  }

  it('beats one interval after the start, and then each interval', async () => {
    const beats: number[] = []
    const { clock, ticker } = create(() => { beats.push(clock.time) })
    ticker.start()
    assert.equal(clock.next, 1100)
    await clock.fire()
    await clock.fire()
    assert.deepEqual(beats, [1100, 1200])
    assert.equal(clock.next, 1300)
  })

  it('keeps its beat where a timer is late', async () => {
    const { clock, ticker } = create(() => {})
    ticker.start()
    await clock.fire(30)
    assert.equal(clock.next, 1200)
  })

  it('leaves beats out rather than making up for them', async () => {
    const beats: number[] = []
    const { clock, ticker } = create(() => { beats.push(clock.time) })
    ticker.start()
    await clock.fire(350)
    assert.deepEqual(beats, [1450])
    assert.equal(clock.next, 1500)
  })

  it('waits for a beat that takes longer than the interval', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const { clock, ticker } = create(async () => { await promise })
    ticker.start()
    await clock.fire()
    assert.equal(clock.next, undefined)
    clock.time += 250
    resolve()
    await new Promise((resolve) => { setImmediate(resolve) })
    assert.equal(clock.next, 1400)
  })

  it('goes on after a beat that threw', async () => {
    const errors: unknown[] = []
    const { clock, ticker } = create(() => { throw new Error('beat') }, (err) => { errors.push(err) })
    ticker.start()
    await clock.fire()
    assert.equal(errors.length, 1)
    assert.equal(clock.next, 1200)
  })

  it('has no timer after a stop, which waits for the beat under way', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const { clock, ticker } = create(async () => { await promise })
    let stopped = false
    ticker.start()
    await clock.fire()
    const stop = ticker.stop().then(() => { stopped = true })
    await new Promise((resolve) => { setImmediate(resolve) })
    assert.equal(stopped, false)
    resolve()
    await stop
    assert.equal(clock.next, undefined)
  })

  it('starts once', () => {
    const { clock, ticker } = create(() => {})
    ticker.start()
    ticker.start()
    assert.equal(clock.next, 1100)
  })
})

/** The time a {@link Ticker} runs by. */
export interface TickerClock {
  /** Milliseconds that only ever grow. */
  now: () => number
  /** Calls `callback` once after `delay` ms. */
  setTimeout: (callback: () => void, delay: number) => unknown
  /** Stops a timer. */
  clearTimeout: (timer: unknown) => void
}

/** Options of {@link Ticker}. */
export interface TickerInit {
  /** Milliseconds from beat to beat. */
  interval: number
  /** Runs at each beat. The next one waits for it. */
  beat: () => void | Promise<void>
  /** Called with what `beat` threw; the beats go on. */
  onError: (error: unknown) => void
  /** @default the machine's clock */
  clock?: TickerClock
}

const MACHINE_CLOCK: TickerClock = {
  now: () => performance.now(),
  setTimeout: (callback, delay) => setTimeout(callback, delay),
  clearTimeout: (timer) => { clearTimeout(timer as NodeJS.Timeout | undefined) }
}

/**
 * Calls a function at a steady beat. It leaves out a beat that is too late, and never makes up for beats in a burst.
 */
export class Ticker {
  readonly #init: TickerInit
  readonly #clock: TickerClock
  #timer: unknown
  #next = 0
  #running = false
  #beating: Promise<void> = Promise.resolve()

  constructor (init: TickerInit) {
    this.#init = init
    this.#clock = init.clock ?? MACHINE_CLOCK
  }

  /** The first beat comes one interval from now. */
  start (): void {
    if (!this.#running) {
      this.#running = true
      this.#next = this.#clock.now()
      this.#schedule()
    }
  }

  /** Ends the beats, and waits for the one under way. */
  async stop (): Promise<void> {
    this.#running = false
    this.#clock.clearTimeout(this.#timer)
    await this.#beating
  }

  #schedule (): void {
    const now = this.#clock.now()
    const missed = Math.floor((now - this.#next) / this.#init.interval)

    this.#next += (Math.max(missed, 0) + 1) * this.#init.interval
    this.#timer = this.#clock.setTimeout(() => { this.#beating = this.#beat() }, this.#next - now)
  }

  async #beat (): Promise<void> {
    try {
      await this.#init.beat()
    } catch (err) {
      this.#init.onError(err)
    }

    if (this.#running) {
      this.#schedule()
    }
  }
}

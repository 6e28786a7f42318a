import type { Clock } from './clock.ts'

/** The time over which the rates of `sync:progress` are taken. */
export const RATE_WINDOW_MS = 5000

/** The steps in which the time for the rates of `sync:progress` moves on. */
export const RATE_STEP_MS = 500

const STEPS: number = RATE_WINDOW_MS / RATE_STEP_MS

/** Measures how much there is a second, over the last few seconds. Its memory has a fixed size. */
export class RateMeter {
  readonly #clock: Clock
  readonly #startedAt: number
  readonly #amounts = new Float64Array(STEPS)
  /** The number of the current step. */
  #step = 0
  /** When something was added last, after the start. */
  #addedAt = 0

  constructor (clock: Clock) {
    this.#clock = clock
    this.#startedAt = clock.now()
  }

  /** Counts an amount that has come bit by bit since the last one: a few large ones would count for too short a time otherwise. */
  add (amount: number): void {
    this.#move()
    const now = this.#clock.now() - this.#startedAt
    const since = this.#addedAt
    this.#addedAt = now

    if (now === since) {
      this.#amounts[this.#step % STEPS]! += amount
      return
    }

    for (let step = Math.max(Math.floor(since / RATE_STEP_MS), this.#step - STEPS + 1); step <= this.#step; step++) {
      const part = Math.min(now, (step + 1) * RATE_STEP_MS) - Math.max(since, step * RATE_STEP_MS)
      this.#amounts[step % STEPS]! += amount * part / (now - since)
    }
  }

  /** The amount a second: at first over the time since the start, one step at least. */
  get perSecond (): number {
    this.#move()
    const elapsed = this.#clock.now() - this.#startedAt
    // the oldest step is complete, the last one has just begun
    const span = Math.min((STEPS - 1) * RATE_STEP_MS + elapsed % RATE_STEP_MS, Math.max(elapsed, RATE_STEP_MS))

    return this.#amounts.reduce((sum, amount) => sum + amount, 0) / span * 1000
  }

  /** Goes on to the current step, and clears those that have begun since. */
  #move (): void {
    const step = Math.floor((this.#clock.now() - this.#startedAt) / RATE_STEP_MS)

    for (let next = Math.max(this.#step + 1, step - STEPS + 1); next <= step; next++) {
      this.#amounts[next % STEPS] = 0
    }

    this.#step = step
  }
}

import type { Clock } from './clock.ts'
import type { Rate } from '../types/limits.ts'

/**
 * Tokens that come back with time, up to a burst. `take` may take more than there is, for a message is never split: the caller
 * waits until the debt is paid.
 *
 * Not rate-limiter-flexible or another library: those cost a promise a message, of which 300,000 a second pass here.
 */
export class TokenBucket {
  readonly #clock: Clock
  readonly #perMs: number
  readonly #burst: number
  #tokens: number
  #filledAt: number

  /** A rate of `Infinity` has no limit, whatever its burst. */
  constructor ({ perSecond, burst }: Rate, clock: Clock) {
    this.#clock = clock
    this.#perMs = perSecond / 1000
    this.#burst = perSecond === Infinity ? Infinity : burst
    this.#tokens = this.#burst
    this.#filledAt = clock.now()
  }

  /** The tokens that there are now; below 0 while there is a debt. */
  get tokens (): number {
    const now = this.#clock.recent()

    if (now > this.#filledAt) {
      this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#filledAt) * this.#perMs)
      this.#filledAt = now
    }

    return this.#tokens
  }

  /** The share of the burst that is used up: 0 for nothing, 1 for all of it, more where there is a debt. */
  get used (): number {
    return this.#burst === Infinity ? 0 : (this.#burst - this.tokens) / this.#burst
  }

  /** Takes `cost` tokens, whether they are there or not. Returns in how many ms the debt is paid: 0 where there is none. */
  take (cost: number): number {
    this.#tokens = this.tokens - cost

    return this.#tokens < 0 ? -this.#tokens / this.#perMs : 0
  }

  /** Takes `cost` tokens where they are there. False where they are not. */
  tryTake (cost: number): boolean {
    const isThere = this.tokens >= cost

    if (isThere) {
      this.take(cost)
    }

    return isThere
  }
}

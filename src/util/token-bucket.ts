import type { Clock } from './clock.ts'
import type { Rate } from '../types/limits.ts'

/**
 * Tokens that come back with time, up to a burst. What is taken may be more than there is: a message is never split, and the
 * debt is what is waited for.
 *
 * Not rate-limiter-flexible or another library: those cost a promise a message, of which 300,000 a second pass here.
 */
export class TokenBucket {
  readonly #clock: Clock
  readonly #perMs: number
  readonly #burst: number
  #tokens: number
  #filledAt: number

  /** A rate of `Infinity` has no bound, whatever its burst. */
  constructor ({ perSecond, burst }: Rate, clock: Clock) {
    this.#clock = clock
    this.#perMs = perSecond / 1000
    this.#burst = perSecond === Infinity ? Infinity : burst
    this.#tokens = this.#burst
    this.#filledAt = clock.now()
  }

  /** What may be taken now; below 0 while there is a debt. */
  get tokens (): number {
    const now = this.#clock.recent()

    if (now > this.#filledAt) {
      this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#filledAt) * this.#perMs)
      this.#filledAt = now
    }

    return this.#tokens
  }

  /** Takes `cost`, whether it is there or not. Returns in how many ms the debt is paid: 0 where there is none. */
  take (cost: number): number {
    this.#tokens = this.tokens - cost

    return this.#tokens < 0 ? -this.#tokens / this.#perMs : 0
  }
}

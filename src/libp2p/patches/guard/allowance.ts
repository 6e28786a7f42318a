import { SESSION_FACTOR } from './muxer-limits.ts'
import { TokenBucket } from '../../../util/token-bucket.ts'
import type { Clock } from '../../../util/clock.ts'
import type { Rate } from '../../../types/limits.ts'

/** What one connection may have of something: a rate, and a larger one from the day on which there is a session. */
export class Allowance {
  readonly #rate: Rate
  readonly #clock: Clock
  readonly #hasSession: () => boolean
  /** Absent before the first cost. */
  #bucket: TokenBucket | undefined
  #isRaised = false

  /** `hasSession` is asked only when the smaller rate is used up. */
  constructor (rate: Rate, { clock, hasSession }: { clock: Clock, hasSession: () => boolean }) {
    this.#rate = rate
    this.#clock = clock
    this.#hasSession = hasSession
  }

  /** Takes `cost`, whether it is there or not. Returns in how many ms the debt is paid: 0 where there is none. */
  take (cost: number): number {
    const bucket = this.#bucket ??= new TokenBucket(this.#rate, this.#clock)
    const ms = bucket.take(cost)

    if (ms === 0 || this.#isRaised || !this.#hasSession()) {
      return ms
    }

    const spent = this.#rate.burst - bucket.tokens
    this.#isRaised = true
    this.#bucket = new TokenBucket({
      perSecond: this.#rate.perSecond * SESSION_FACTOR, burst: this.#rate.burst * SESSION_FACTOR
    }, this.#clock)

    return this.#bucket.take(spent)
  }
}

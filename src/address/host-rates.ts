import { TokenBucket } from '../util/token-bucket.ts'
import type { Clock } from '../util/clock.ts'

/** Public hosts whose connections per second the node counts at a time. */
export const MAX_RATED_HOSTS = 4096

/** Options of {@link HostRates}. */
export interface HostRatesInit {
  /** Connections, in the long run and at once. */
  perSecond: number
  /** Hosts that are counted at a time. Beyond that it forgets the one that has not connected for the longest time. */
  maxHosts: number
  clock: Clock
}

/** Counts how often each host connects. */
export class HostRates {
  readonly #init: HostRatesInit
  /** The host that connected last is at the end. */
  readonly #buckets = new Map<string, TokenBucket>()

  constructor (init: HostRatesInit) {
    this.#init = init
  }

  /** Hosts that are counted. */
  get size (): number {
    return this.#buckets.size
  }

  /** Counts a connection. False where it is one too many: it is not counted then. */
  take (host: string): boolean {
    const { perSecond, maxHosts, clock } = this.#init
    const bucket = this.#buckets.get(host) ?? new TokenBucket({ perSecond, burst: perSecond }, clock)
    this.#buckets.delete(host)
    this.#buckets.set(host, bucket)

    if (this.#buckets.size > maxHosts) {
      this.#buckets.delete(this.#buckets.keys().next().value!)
    }

    return bucket.tryTake(1)
  }
}

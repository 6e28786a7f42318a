import type { Clock } from '../util/clock.ts'

/** Public hosts whose connections per second are counted at a time. */
export const MAX_RATED_HOSTS = 4096

/** What {@link HostRates} is made with. */
export interface HostRatesInit {
  /** Connections, in the long run and at once. */
  perSecond: number
  /** Hosts that are counted at a time. The one that came last the longest time ago is forgotten. */
  maxHosts: number
  clock: Clock
}

/** Counts how often each host connects. */
export class HostRates {
  readonly #init: HostRatesInit
  /** What each has left, and since when; the one that came last is at the end. */
  readonly #hosts = new Map<string, { left: number, at: number }>()

  constructor (init: HostRatesInit) {
    this.#init = init
  }

  /** Hosts that are counted. */
  get size (): number {
    return this.#hosts.size
  }

  /** Counts a connection. False where it is one too many; that one is not counted. */
  take (host: string): boolean {
    const { perSecond, maxHosts, clock } = this.#init
    const now = clock.now()
    const before = this.#hosts.get(host) ?? { left: perSecond, at: now }
    const left = Math.min(perSecond, before.left + (now - before.at) * perSecond / 1000)
    const isWithin = left >= 1

    this.#hosts.delete(host)
    this.#hosts.set(host, { left: isWithin ? left - 1 : left, at: now })

    if (this.#hosts.size > maxHosts) {
      this.#hosts.delete(this.#hosts.keys().next().value!)
    }

    return isWithin
  }
}

import { systemClock } from '../util/clock.ts'
import { TokenBucket } from '../util/token-bucket.ts'
import type { Rate } from '../types/limits.ts'
import type { Clock } from '../util/clock.ts'
import type { WebTransaction, WebTransactions } from './protocol.ts'

/** Transactions whose travels are kept, the last ones. Payments stay longer than the others. */
export const MAX_TRAVELS = 64

/** Transactions whose travels begin to be kept, payments apart. */
export const TRAVEL_RATE: Readonly<Rate> = { perSecond: 8, burst: 16 }

/** Transactions that are remembered as too many. */
const MAX_DECLINED = 1024

/** That a node has a transaction, and from whom. */
export interface Arrival {
  node: string
  /** The name of the peer that has sent it; empty where the node has made it. */
  from: string
  /** In ms since the Unix epoch. */
  at: number
  /** What is paid. */
  value: string
}

/** The travels of a few transactions through the nodes that the page shows, however many transactions there are. */
export class TransactionTravels implements WebTransactions {
  readonly #bucket: TokenBucket
  readonly #travels = new Map<string, WebTransaction>()
  /** Payments of which no node has told yet. */
  readonly #payments = new Set<string>()
  /** Transactions that were too many: other nodes tell of them later. */
  readonly #declined = new Set<string>()
  readonly #changed = new Set<string>()

  constructor (clock: Clock = systemClock) {
    this.#bucket = new TokenBucket(TRAVEL_RATE, clock)
  }

  /** All of them, the oldest first. */
  get all (): WebTransaction[] {
    return Array.from(this.#travels.values())
  }

  /** The ids of those that are in no block yet. */
  get waiting (): string[] {
    return this.all.filter(({ block }) => block == null).map(({ id }) => id)
  }

  /** Takes note that a transaction is a payment that the page has asked for: it is always followed. */
  expectPayment (id: string): void {
    this.#payments.add(id)
    forgetFirst(this.#payments, MAX_TRAVELS)
  }

  /** Takes note that a node has a transaction. True where that is the first node that tells of it, and its travel is kept. */
  arrived (id: string, { node, from, at, value }: Arrival): boolean {
    const known = this.#travels.get(id)
    const arrival = { node, from: from === '' ? null : from, at }

    if (known == null) {
      return this.#begin({ id, value, isPayment: this.#payments.delete(id), arrivals: [arrival], block: null })
    }

    if (!known.arrivals.some((other) => other.node === node)) {
      known.arrivals.push(arrival)
      this.#changed.add(id)
    }

    return false
  }

  /** Takes note of the block that a transaction is in, `null` for none any more. */
  settled (id: string, height: number | null): void {
    const known = this.#travels.get(id)

    if (known != null && known.block !== height) {
      known.block = height
      this.#changed.add(id)
    }
  }

  /** Those that have changed since this was called last. */
  takeChanged (): WebTransaction[] {
    const changed = Array.from(this.#changed, (id) => this.#travels.get(id)!)
    this.#changed.clear()

    return changed
  }

  #begin (travel: WebTransaction): boolean {
    if (!travel.isPayment && (this.#declined.has(travel.id) || !this.#bucket.tryTake(1))) {
      this.#declined.add(travel.id)
      forgetFirst(this.#declined, MAX_DECLINED)

      return false
    }

    this.#travels.set(travel.id, travel)
    this.#changed.add(travel.id)

    if (this.#travels.size > MAX_TRAVELS) {
      const [oldest] = this.#travels.keys()
      const gone = this.all.find(({ isPayment }) => !isPayment)?.id ?? oldest!
      this.#travels.delete(gone)
      this.#changed.delete(gone)
    }

    return this.#travels.has(travel.id)
  }
}

function forgetFirst (set: Set<string>, limit: number): void {
  if (set.size > limit) {
    set.delete(set.keys().next().value!)
  }
}

import { TokenBucket } from '../../util/token-bucket.ts'
import { mapRates, RATE_PATIENCE_MS } from './rate-limits.ts'
import { systemClock } from '../../util/clock.ts'
import { RequestError } from '../../errors.ts'
import type { RateName } from './rate-limits.ts'
import type { Clock } from '../../util/clock.ts'
import type { Rate, RateLimits } from '../../types/limits.ts'

/** The share of a rate that this node uses, so that a peer with the same limits never has to hold it back. */
export const OWN_SHARE = 0.9

/**
 * Requests for a block that wait until the node may ask the peer again.
 *
 * @remarks A request throws a `RequestError` with the code `TOO_MANY`.
 */
export const MAX_WAITING_REQUESTS = 64

/** The node asks for a range when as many blocks may be asked for as come back in this time. Fewer are not worth a round trip. */
export const WORTHWHILE_MS = 250

/** The kinds of messages that the node sends unasked. The caps on bandwidth count bytes, and the node sends no message of other kinds. */
export type BudgetName = Exclude<RateName, 'others' | 'bytes'>

const known = new WeakMap<RateLimits, Readonly<Record<BudgetName, Rate>>>()

/** What the node may send to one peer, by the limits that the peer has too. A sender asks first, and takes note of what it sends. */
export class SendBudget {
  readonly #buckets: Readonly<Record<BudgetName, TokenBucket | undefined>>
  readonly #rates: Readonly<Record<BudgetName, Rate>>
  readonly #clock: Clock
  /** Absent before the first wait. */
  #waiting: Set<() => void> | undefined
  #isStopped = false

  /** `rates` are those of the peer. The node takes them to be its own. */
  constructor (rates: RateLimits, clock: Clock) {
    const bucket = (rate: Rate): TokenBucket | undefined => rate.perSecond === Infinity ? undefined : new TokenBucket(rate, clock)

    this.#clock = clock
    this.#rates = ownRates(rates)
    this.#buckets = {
      transactions: bucket(this.#rates.transactions),
      blocks: bucket(this.#rates.blocks),
      blocksAsked: bucket(this.#rates.blocksAsked),
      digests: bucket(this.#rates.digests),
      pings: bucket(this.#rates.pings)
    }
  }

  /** How much of each burst is used up; 0 where there is no limit. */
  get used (): Record<BudgetName, number> { return mapRates(this.#buckets, (bucket) => bucket?.used ?? 0) }

  /** How many the node may send now: a whole number from 0, or `Infinity`. */
  left (name: BudgetName): number {
    const bucket = this.#buckets[name]

    return bucket == null ? Infinity : Math.max(0, Math.floor(bucket.tokens))
  }

  /** Whether the node may send so many now. */
  has (name: BudgetName, count = 1): boolean {
    const bucket = this.#buckets[name]

    return bucket == null || bucket.tokens >= count
  }

  /** Whether enough is left to begin: with little, the node would send small pieces. `most` is the largest piece. */
  isWorthwhile (name: BudgetName, most: number = Infinity): boolean {
    const { perSecond, burst } = this.#rates[name]

    return this.has(name, Math.max(1, Math.min(burst, perSecond * WORTHWHILE_MS / 1000, most)))
  }

  /** Takes note that the node sends so many. */
  take (name: BudgetName, count = 1): void {
    this.#buckets[name]?.take(count)
  }

  /** {@link take}, where {@link has} is true; false where it is not. */
  tryTake (name: BudgetName, count = 1): boolean {
    return this.#buckets[name]?.tryTake(count) ?? true
  }

  /** The time between two of a kind in the long run, in ms. */
  intervalMs (name: BudgetName): number {
    return 1000 / this.#rates[name].perSecond
  }

  /**
   * Takes note that the node asks for one block, in the order of the calls. Returns what it waits for before it sends the request, if
   * anything. That rejects with the reason of the signal, and resolves when {@link stop} is called. Throws a {@link RequestError} where
   * too many wait, or the wait would exceed {@link RATE_PATIENCE_MS}.
   */
  waitToAsk (signal?: AbortSignal): Promise<void> | undefined {
    const bucket = this.#buckets.blocksAsked

    if (bucket == null || this.#isStopped) {
      return undefined
    }

    const { perSecond } = this.#rates.blocksAsked
    const ms = Math.max(0, 1 - bucket.tokens) * 1000 / perSecond

    if (ms > 0 && ((this.#waiting?.size ?? 0) >= MAX_WAITING_REQUESTS || ms > RATE_PATIENCE_MS)) {
      throw new RequestError('TOO_MANY', `Expected at most ${perSecond} blocks a second to be asked of a peer`)
    }

    bucket.take(1)

    return ms === 0 ? undefined : this.#wait(ms, signal)
  }

  /** Ends all waits. */
  stop (): void {
    this.#isStopped = true
    this.#waiting?.forEach((end) => { end() })
  }

  async #wait (ms: number, signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const end = (): void => { resolve() }
    const timer = this.#clock.setTimeout(end, Math.ceil(ms))
    this.#waiting ??= new Set()
    this.#waiting.add(end)
    signal?.addEventListener('abort', end)

    try {
      await promise
    } finally {
      this.#clock.clearTimeout(timer)
      this.#waiting?.delete(end)
      signal?.removeEventListener('abort', end)
    }

    signal?.throwIfAborted()
  }
}

/** The budget of a peer without limits. */
export const UNLIMITED: SendBudget = unlimited()

/** What the node may send to a peer. */
export function budgetOf (peer: { readonly id: string, readonly budget?: SendBudget }): SendBudget {
  return peer.budget ?? UNLIMITED
}

function unlimited (): SendBudget {
  const none: Rate = { perSecond: Infinity, burst: Infinity }

  return new SendBudget({
    transactions: none, blocks: none, blocksAsked: none, digests: none, pings: none, others: none, bytes: none
  }, systemClock)
}

/** What the node uses of these rates. All sessions with the same rates share it. */
function ownRates (rates: RateLimits): Readonly<Record<BudgetName, Rate>> {
  const { transactions, blocks, blocksAsked, digests, pings } = rates
  const own = known.get(rates) ?? {
    transactions: ownShare(transactions),
    blocks: ownShare(blocks),
    blocksAsked: ownShare(blocksAsked),
    digests: ownShare(digests),
    pings: ownShare(pings)
  }
  known.set(rates, own)

  return own
}

/** A burst below 1 would let nothing through. */
function ownShare ({ perSecond, burst }: Rate): Rate {
  return { perSecond: OWN_SHARE * perSecond, burst: Math.max(1, OWN_SHARE * burst) }
}

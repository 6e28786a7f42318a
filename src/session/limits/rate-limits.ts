import { TokenBucket } from '../../util/token-bucket.ts'
import { HASH_BYTES, SHORT_DIGEST_BYTES } from '../../codec/limits.ts'
import { decodeBody } from '../../codec/message.ts'
import { scan } from '../../codec/wire/scan.ts'
import { BODIES, SHORT_DIGESTS_FIELD } from '../../codec/wire/schema.ts'
import type { Clock } from '../../util/clock.ts'
import type { Envelope } from '../../codec/envelope.ts'
import type { Rate, RateLimits } from '../../types/limits.ts'

/** The name of one limit. */
export type RateName = keyof RateLimits

/** All of them. */
export const RATE_NAMES: readonly RateName[] = ['transactions', 'blocks', 'blocksAsked', 'digests', 'pings', 'others', 'bytes']

/**
 * How long a peer may be over a rate without a break. Until then the node only reads it more slowly.
 *
 * @remarks The node ends the session with `RATE_LIMITED`. The rate of `bytes` only slows.
 */
export const RATE_PATIENCE_MS = 30_000

/** Blocks that a request for a range counts for at most: no more are served. */
export const MAX_RANGE_COST = 1024

/**
 * The tokens that make a break: this share of the burst, or what comes back in so many ms, whichever is less. Fewer tokens also come
 * back to a peer that floods the node, while the node is late to read on.
 */
const BREAK_SHARE = 0.1
const BREAK_MS = 1000

/** A digest with its tag and length. */
const DIGEST_BYTES: number = HASH_BYTES + 2

/**
 * Counts what one peer sends, by what it costs this node. Over a limit, the node reads the peer more slowly. After {@link RATE_PATIENCE_MS}
 * of that, the peer has to go. A peer that keeps to nine tenths of the same limits never has to, however its messages bunch up on the way.
 */
export class RateGuard {
  readonly #limits: Readonly<Record<RateName, Limit | undefined>>
  #exceeded: RateName | undefined
  #slowedMs = 0
  readonly #onExceeded: ((name: RateName) => void) | undefined

  /** `onExceeded` is called for each message that is over a limit. */
  constructor (rates: RateLimits, clock: Clock, onExceeded?: (name: RateName) => void) {
    const limit = (rate: Rate): Limit | undefined => rate.perSecond === Infinity ? undefined : new Limit(rate, clock)

    this.#onExceeded = onExceeded
    this.#limits = {
      transactions: limit(rates.transactions),
      blocks: limit(rates.blocks),
      blocksAsked: limit(rates.blocksAsked),
      digests: limit(rates.digests),
      pings: limit(rates.pings),
      others: limit(rates.others),
      bytes: limit(rates.bytes)
    }
  }

  /**
   * The limit that the peer has exceeded for too long: the node disconnects it. Never `bytes`: a peer that sends what the node asked for
   * cannot know how fast the node wants it.
   */
  get exceeded (): RateName | undefined { return this.#exceeded }

  /** How much of each burst is used up; 0 where there is no limit. */
  get used (): Record<RateName, number> { return mapRates(this.#limits, (limit) => limit?.used ?? 0) }

  /** For how long the node was to read nothing of the peer in all, in ms. */
  get slowedMs (): number { return this.#slowedMs }

  /**
   * Counts a message of so many bytes. Returns for how long the node reads nothing after it, in ms: 0 within the limits, and at most
   * {@link RATE_PATIENCE_MS}. Throws a DecodeError for a request that cannot be read.
   */
  onMessage (envelope: Envelope, bytes: number): number {
    const ms = Math.max(this.#countKind(envelope), this.#count('bytes', bytes))
    this.#slowedMs += ms

    return ms
  }

  /** Counts a pong: one that answers no ping counts as a message of an unknown kind. Returns what {@link onMessage} does. */
  onPong (isAnswer: boolean): number {
    const ms = isAnswer ? 0 : this.#count('others', 1)
    this.#slowedMs += ms

    return ms
  }

  #countKind ({ type, body }: Envelope): number {
    switch (type) {
      case 'newTransaction':
        return this.#count('transactions', 1)
      case 'newBlock':
      case 'compactBlock':
        return this.#count('blocks', 1)
      case 'requestBlock':
      case 'requestTransactions':
        return this.#count('blocksAsked', 1)
      case 'requestBlockRange':
        return this.#limits.blocksAsked == null ? 0 : this.#count('blocksAsked', rangeCost(body))
      case 'have':
      case 'want':
        return this.#limits.digests == null ? 0 : this.#count('digests', digestCost(body))
      case 'ping':
        return this.#count('pings', 1)
      case 'requestPeers':
      case undefined:
        return this.#count('others', 1)
      default:
        // an answer to a request, or the end of the session
        return 0
    }
  }

  #count (name: RateName, cost: number): number {
    const limit = this.#limits[name]
    const ms = limit == null ? 0 : limit.take(cost)

    if (ms > 0) {
      this.#onExceeded?.(name)
    }

    if (ms > 0 && name !== 'bytes' && limit!.isExceeded) {
      this.#exceeded ??= name
    }

    return ms
  }
}

/** The same of each rate. */
export function mapRates<Name extends string, From, To> (rates: Readonly<Record<Name, From>>, of: (rate: From) => To): Record<Name, To> {
  return Object.fromEntries(Object.entries<From>(rates).map(([name, rate]) => [name, of(rate)])) as Record<Name, To>
}

/** One limit, and since when the peer exceeds it. */
class Limit {
  readonly #bucket: TokenBucket
  readonly #clock: Clock
  /** Tokens that make a break. */
  readonly #breakAt: number
  #since: number | undefined

  constructor (rate: Rate, clock: Clock) {
    this.#bucket = new TokenBucket(rate, clock)
    this.#clock = clock
    this.#breakAt = Math.max(1, Math.min(rate.burst * BREAK_SHARE, rate.perSecond * BREAK_MS / 1000))
  }

  get used (): number { return this.#bucket.used }

  get isExceeded (): boolean {
    return this.#since != null && this.#clock.now() - this.#since >= RATE_PATIENCE_MS
  }

  take (cost: number): number {
    if (this.#since != null && this.#bucket.tokens >= this.#breakAt) {
      this.#since = undefined
    }

    const ms = this.#bucket.take(cost)

    if (ms > 0) {
      this.#since ??= this.#clock.now()
    }

    return Math.min(ms, RATE_PATIENCE_MS)
  }
}

/** The digests in a `Have` or `Want`, short ones included; one for each 34 bytes where those are more. */
function digestCost (body: Uint8Array): number {
  const found = scan(body, BODIES.want)
  const digests = found.count + found.bytes(SHORT_DIGESTS_FIELD).byteLength / SHORT_DIGEST_BYTES

  return Math.max(1, digests, Math.floor(body.byteLength / DIGEST_BYTES))
}

/** The blocks that a request asks for, as far as the node serves them. */
function rangeCost (body: Uint8Array): number {
  const { startHeight, endHeight } = decodeBody('requestBlockRange', body)

  return Math.min(MAX_RANGE_COST, Math.max(1, endHeight - startHeight + 1))
}

import { TokenBucket } from '../../util/token-bucket.ts'
import { HASH_BYTES } from '../../codec/limits.ts'
import { decodeBody } from '../../codec/message.ts'
import type { Clock } from '../../util/clock.ts'
import type { Envelope } from '../../codec/envelope.ts'
import type { Rate, RateLimits } from '../../types/limits.ts'

/** The name of one limit. */
export type RateName = keyof RateLimits

/**
 * How long a peer may be over a rate without a break. Until then the node only reads it more slowly.
 *
 * @remarks The node ends the session with `RATE_LIMITED`. The rate of `bytes` only slows.
 */
export const RATE_PATIENCE_MS = 30_000

/** Blocks that a request for a range counts for at most: no more are served. */
export const MAX_RANGE_COST = 1024

/**
 * What has to be left over for it to be a break: this part of the burst, or what comes back in so many ms, whichever is less.
 * Less than that also comes back to somebody who floods us, while we are late to read on.
 */
const BREAK_SHARE = 0.1
const BREAK_MS = 1000

/** A digest with what is in front of it. */
const DIGEST_BYTES: number = HASH_BYTES + 2

/**
 * What one peer sends, counted by what it costs us. Over a limit the reading is to wait; over it for RATE_PATIENCE_MS the peer
 * is to go. A peer that keeps to nine tenths of the same limits is never in that place, however its messages bunch up on the way.
 */
export class RateGuard {
  readonly #limits: Readonly<Record<RateName, Limit | undefined>>
  #exceeded: RateName | undefined
  #slowedMs = 0

  constructor (rates: RateLimits, clock: Clock) {
    const limit = (rate: Rate): Limit | undefined => rate.perSecond === Infinity ? undefined : new Limit(rate, clock)

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
   * The limit that the peer was over for too long: it is to be disconnected. Never `bytes`: who sends what we have asked for
   * cannot know how fast we want it, and is held back by our not reading.
   */
  get exceeded (): RateName | undefined { return this.#exceeded }

  /** How long the peer was to be kept waiting in all, in ms. */
  get slowedMs (): number { return this.#slowedMs }

  /**
   * Counts a message of so many bytes. Returns for how long nothing is to be read after it, in ms: 0 within the limits, and at
   * most RATE_PATIENCE_MS. Throws a DecodeError for a request that cannot be read.
   */
  onMessage (envelope: Envelope, bytes: number): number {
    const ms = Math.max(this.#countKind(envelope), this.#count('bytes', bytes))
    this.#slowedMs += ms

    return ms
  }

  /** To be called with a pong too: one that answers nothing counts like what is not known. Returns what {@link onMessage} does. */
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
        return this.#count('blocks', 1)
      case 'requestBlock':
        return this.#count('blocksAsked', 1)
      case 'requestBlockRange':
        return this.#limits.blocksAsked == null ? 0 : this.#count('blocksAsked', rangeCost(body))
      case 'have':
      case 'want':
        return this.#count('digests', Math.max(1, Math.ceil(body.byteLength / DIGEST_BYTES)))
      case 'ping':
        return this.#count('pings', 1)
      case undefined:
        return this.#count('others', 1)
      default:
        // what was asked for, or what ends the session
        return 0
    }
  }

  #count (name: RateName, cost: number): number {
    const limit = this.#limits[name]
    const ms = limit == null ? 0 : limit.take(cost)

    if (ms > 0 && name !== 'bytes' && limit!.isExceeded) {
      this.#exceeded ??= name
    }

    return ms
  }
}

/** One limit, and since when it is not kept to. */
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

/** The blocks that a request asks for, as far as they are served. */
function rangeCost (body: Uint8Array): number {
  const { startHeight, endHeight } = decodeBody('requestBlockRange', body)

  return Math.min(MAX_RANGE_COST, Math.max(1, endHeight - startHeight + 1))
}

import { shortKeyOf } from '../digest-key.ts'
import { Pool } from '../../memory/pool.ts'
import type { Usage } from '../../types/status.ts'
import type { Clock } from '../../util/clock.ts'

/**
 * Transactions that the node keeps for peers that ask for them, and to put compact blocks together.
 *
 * @remarks The oldest makes room. Peers that want it ask others, and the application where it has a `pool`.
 */
export const MAX_POOL_TRANSACTIONS = 16_384

/**
 * Bytes of the transactions that the node keeps, encoded.
 *
 * @remarks The oldest makes room. Peers that want it ask others, and the application where it has a `pool`.
 */
export const MAX_POOL_BYTES: number = 16 * 1024 * 1024

/**
 * How long the node keeps a transaction for peers.
 *
 * @remarks The node drops it. It announces it to no peer that comes later.
 */
export const POOL_TTL_MS: number = 5 * 60 * 1000

/** A transaction of the pool. */
export interface PooledTransaction {
  /** The whole digest, as `digestKeyOf` gives it. */
  readonly digest: string
  /** The encoded transaction. It has memory of its own. */
  readonly item: Uint8Array
}

interface Entry extends PooledTransaction {
  readonly expires: number
}

/** The bounds of a {@link TransactionPool}. */
export interface PoolBounds {
  transactions: number
  /** Of encoded transactions. */
  bytes: number
  /** In ms. */
  ttl: number
}

const BOUNDS: PoolBounds = { transactions: MAX_POOL_TRANSACTIONS, bytes: MAX_POOL_BYTES, ttl: POOL_TTL_MS }

/**
 * The transactions that the node has made or accepted lately, by their digests. Bounded in number, bytes and time: the oldest makes room.
 * It is no mempool: it knows nothing of what is in blocks.
 */
export class TransactionPool {
  readonly #clock: Clock
  readonly #bounds: PoolBounds
  /** By the short keys of their digests, the oldest first. */
  readonly #entries = new Map<string, Entry>()
  /** Its pieces expire about when their neighbours do, so little memory waits for the last of them. */
  #memory = new Pool()
  #bytes = 0
  #timer: unknown

  constructor (clock: Clock, bounds: PoolBounds = BOUNDS) {
    this.#clock = clock
    this.#bounds = bounds
  }

  get size (): number { return this.#entries.size }

  get usage (): Usage {
    return { items: this.size, maxItems: this.#bounds.transactions, bytes: this.#bytes, maxBytes: this.#bounds.bytes }
  }

  /** The transaction with this digest, or with this short one: the key of either. */
  get (key: string): PooledTransaction | undefined { return this.#entries.get(shortKeyOf(key)) }

  /** How long it has had a transaction, in ms; `undefined` where it does not have it. */
  ageOf (key: string): number | undefined {
    const entry = this.#entries.get(shortKeyOf(key))

    return entry == null ? undefined : this.#bounds.ttl - (entry.expires - this.#clock.now())
  }

  /** The newest first, as they are at the time of the call. */
  newest (): PooledTransaction[] { return [...this.#entries.values()].reverse() }

  /** Keeps a copy of a transaction, as the newest. False where it is too large, or there already. */
  add (digest: string, item: Uint8Array): boolean {
    const key = shortKeyOf(digest)
    const { transactions, bytes, ttl } = this.#bounds

    if (item.byteLength > bytes || this.#entries.has(key)) {
      return false
    }

    while (this.#entries.size >= transactions || this.#bytes + item.byteLength > bytes) {
      this.#dropOldest()
    }

    const copy = this.#memory.allocate(item.byteLength)
    copy.set(item)
    this.#entries.set(key, { digest, item: copy, expires: this.#clock.now() + ttl })
    this.#bytes += copy.byteLength
    this.#timer ??= this.#clock.setTimeout(this.#expire, ttl)

    return true
  }

  /** Forgets all of them. */
  clear (): void {
    this.#entries.clear()
    this.#bytes = 0
    this.#memory = new Pool()
    this.#clock.clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #dropOldest (): void {
    for (const [key, { item }] of this.#entries) {
      this.#entries.delete(key)
      this.#bytes -= item.byteLength

      return
    }
  }

  readonly #expire = (): void => {
    const now = this.#clock.now()
    this.#timer = undefined

    for (const { expires } of this.#entries.values()) {
      if (expires > now) {
        this.#timer = this.#clock.setTimeout(this.#expire, expires - now)
        return
      }

      this.#dropOldest()
    }
  }
}

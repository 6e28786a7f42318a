import { toHex } from '../output/format.ts'
import { systemClock } from '../../util/clock.ts'
import { TokenBucket } from '../../util/token-bucket.ts'
import type { Block, Transaction } from '../../index.ts'
import type { Clock } from '../../util/clock.ts'
import type { Rate } from '../../types/limits.ts'

/** Transactions that are remembered, the last ones: one that is to be followed may have come before. */
export const MAX_RECENT_TRANSACTIONS = 8192

/** Transactions that are followed, the last ones. */
export const MAX_FOLLOWED_TRANSACTIONS = 256

/** How many transactions a node begins to follow by itself. */
export const FOLLOW_RATE: Readonly<Rate> = { perSecond: 4, burst: 8 }

/** A followed transaction at one node. */
export interface FollowedTransaction {
  /** In hexadecimal. */
  id: string
  /** Of the peer that has sent it; empty where the node has made it. */
  from: string
  /** When it came, in ms since the Unix epoch. */
  at: number
  /** What is paid, as a decimal number. */
  value: string
}

/** A followed transaction that is in a block, or with `height` `null`, whose block has left the chain. */
export interface SettledTransaction { id: string, height: number | null }

/** What is called with the ways of transactions. */
export interface FollowListener {
  onFollowed: (transaction: FollowedTransaction) => void
  onSettled: (transaction: SettledTransaction) => void
}

interface Recent extends FollowedTransaction { height: number | null }

/**
 * Follows transactions through a node: those that it is told to, and a few others a second, however many there are. Does nothing until it
 * has a listener.
 */
export class TransactionFollower {
  readonly #clock: Clock
  readonly #bucket: TokenBucket
  readonly #recent = new Map<string, Recent>()
  readonly #followed = new Set<string>()
  #listener: FollowListener | undefined

  constructor (clock: Clock = systemClock) {
    this.#clock = clock
    this.#bucket = new TokenBucket(FOLLOW_RATE, clock)
  }

  /** Calls the listener from now on. */
  start (listener: FollowListener): void {
    this.#listener = listener
  }

  /** Takes note of a transaction that has come just now, or was made. */
  add ({ id: bytes, value }: Pick<Transaction, 'id' | 'value'>, from: string): void {
    if (this.#listener == null) {
      return
    }

    const id = toHex(bytes)
    const recent = { id, from, at: this.#clock.date(), value: String(value), height: null }
    this.#recent.set(id, recent)
    forgetOldest(this.#recent, MAX_RECENT_TRANSACTIONS)

    if (this.#followed.has(id)) {
      this.#tell(recent)
    } else if (this.#bucket.tryTake(1)) {
      this.follow(id)
    }
  }

  /** Follows a transaction, which may have come already. */
  follow (id: string): void {
    if (this.#followed.has(id)) {
      return
    }

    this.#followed.add(id)
    forgetOldest(this.#followed, MAX_FOLLOWED_TRANSACTIONS)
    const recent = this.#recent.get(id)

    if (recent != null) {
      this.#tell(recent)
    }
  }

  /** Takes note of a block that is part of the chain now. */
  append ({ height, transactions }: Pick<Block, 'height' | 'transactions'>): void {
    this.#settle(transactions, height)
  }

  /** Takes note of a block that is no longer part of the chain. */
  drop ({ transactions }: Pick<Block, 'transactions'>): void {
    this.#settle(transactions, null)
  }

  #settle (transactions: readonly Transaction[], height: number | null): void {
    if (this.#listener == null) {
      return
    }

    for (const { id: bytes } of transactions) {
      const id = toHex(bytes)
      const recent = this.#recent.get(id)

      if (recent != null) {
        recent.height = height
      }

      if (this.#followed.has(id)) {
        this.#listener.onSettled({ id, height })
      }
    }
  }

  #tell ({ height, ...transaction }: Recent): void {
    this.#listener?.onFollowed(transaction)

    if (height != null) {
      this.#listener?.onSettled({ id: transaction.id, height })
    }
  }
}

function forgetOldest (entries: Map<string, unknown> | Set<string>, limit: number): void {
  for (const key of entries.keys()) {
    if (entries.size <= limit) {
      return
    }

    entries.delete(key)
  }
}

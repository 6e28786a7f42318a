import type { Transaction } from '../../index.ts'

/** Transactions that wait for a block, by default. */
export const MAX_WAITING_TRANSACTIONS = 10_000

/**
 * The transactions that wait for a block, the oldest first. Remembers as many that went into one, so that a late copy does not wait
 * again.
 */
export class Mempool {
  readonly #maxSize: number
  readonly #waiting = new Map<string, Transaction>()
  readonly #done = new Set<string>()

  constructor (maxSize: number = MAX_WAITING_TRANSACTIONS) {
    this.#maxSize = maxSize
  }

  /** How many wait. */
  get size (): number {
    return this.#waiting.size
  }

  /** Whether the transaction waits or went into a block not long ago. */
  has (transaction: Transaction): boolean {
    const key = keyOf(transaction)

    return this.#waiting.has(key) || this.#done.has(key)
  }

  /** Takes a transaction; false where it is known or no more can wait. */
  add (transaction: Transaction): boolean {
    if (this.#waiting.size >= this.#maxSize || this.has(transaction)) {
      return false
    }

    this.#waiting.set(keyOf(transaction), transaction)

    return true
  }

  /** The oldest `count` transactions, which go on waiting. */
  first (count: number): Transaction[] {
    return Array.from(this.#waiting.values()).slice(0, count)
  }

  /** Forgets transactions that are in a block now. */
  settle (transactions: Transaction[]): void {
    for (const transaction of transactions) {
      const key = keyOf(transaction)
      this.#waiting.delete(key)
      this.#done.add(key)
    }

    for (const key of this.#done) {
      if (this.#done.size <= this.#maxSize) {
        break
      }

      this.#done.delete(key)
    }
  }

  /** Lets transactions wait again whose block has left the chain, as many as there is room for. */
  restore (transactions: Transaction[]): void {
    for (const transaction of transactions) {
      this.#done.delete(keyOf(transaction))
      this.add(transaction)
    }
  }
}

function keyOf (transaction: Transaction): string {
  return Buffer.from(transaction.id).toString('latin1')
}

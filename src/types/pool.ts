import type { Transaction } from './block.ts'

/** A transaction, or the bytes of one: those that {@link encodeTransaction} gives, or that came. */
export type StoredTransaction = Transaction | Uint8Array

/**
 * The transactions of the application that wait for a block, for the option `pool`. The node announces them to peers that come, and reads
 * those that a peer asks for. What it gives is checked: a transaction of another digest is an error of the application, and is not sent.
 */
export interface PoolSource {
  /** The transaction of this digest (32 bytes), or `undefined` where the pool does not have it. */
  get (digest: Uint8Array): StoredTransaction | undefined | Promise<StoredTransaction | undefined>

  /**
   * The digests of the transactions, 32 bytes each, those that peers should hear of first in front. The node takes 16384. It asks when a
   * peer comes, once a second at most.
   */
  digests (): Iterable<Uint8Array> | AsyncIterable<Uint8Array> | Promise<Iterable<Uint8Array>>
}

import { digestKeyOf } from '../../codec/digest.ts'
import { cutBlock } from '../../codec/items/block-parts.ts'
import type { TransactionPool } from './pool.ts'
import type { OutboundItem } from '../send/item-store.ts'

/** Transactions of a block that the node looks up before it takes the digests of all: of many blocks it has none. */
const SETTLE_SAMPLE = 32

/**
 * Takes note in the pool of the transactions of an accepted block. Where the node has put the block together it knows their digests.
 */
export function settleBlock (pool: TransactionPool, { item, origin }: Pick<OutboundItem, 'item' | 'origin'>): void {
  if (pool.size === 0) {
    return
  }

  if (origin != null) {
    origin.digests.forEach((digest) => {
      if (digest != null) {
        pool.settle(digest)
      }
    })

    return
  }

  const transactions = cutBlock(item)?.transactions ?? []
  const step = Math.max(1, Math.floor(transactions.length / SETTLE_SAMPLE))

  if (transactions.some((transaction, index) => index % step === 0 && pool.has(digestKeyOf(transaction)))) {
    transactions.forEach((transaction) => { pool.settle(digestKeyOf(transaction)) })
  }
}

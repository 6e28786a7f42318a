import { toHex } from '../output/format.ts'
import { verifyTransaction } from './rules.ts'
import type { Transaction, Verdict } from '../../index.ts'
import type { Mempool } from './mempool.ts'
import type { NodeReporter } from './reports.ts'
import type { TransactionFollower } from './transaction-follower.ts'

/** The source of a transaction, empty for one of this node, and its destination. */
export interface TransactionWay { mempool: Mempool, follower: TransactionFollower, report: NodeReporter, from: string }

/** What becomes of a transaction of a peer. */
export function judge (transaction: Transaction, way: TransactionWay): Verdict {
  if (way.mempool.has(transaction)) {
    return 'ignore'
  }

  const reason = verifyTransaction(transaction)

  if (reason != null) {
    way.report('rejected', { what: 'transaction', from: way.from, reason })
    return 'reject'
  }

  return addTransaction(transaction, way) ? 'accept' : 'ignore'
}

/** Has a transaction wait for a block. False where it is known, or no more can wait. */
export function addTransaction (transaction: Transaction, { mempool, follower, report, from }: TransactionWay): boolean {
  const added = mempool.add(transaction)

  if (added) {
    report('transaction', { id: toHex(transaction.id), from, waiting: mempool.size })
    follower.add(transaction, from)
  }

  return added
}

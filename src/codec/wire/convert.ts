import { vibecoin } from '../generated/vibecoin.js'
import { bigintToUint64 } from './uint64.ts'
import type { Block, Transaction } from '../../types/block.ts'
import type { NodeInfo } from '../../types/message.ts'

/** The generated code, which nothing outside codec/ sees. */
export const wire: typeof vibecoin.network.v1 = vibecoin.network.v1

export function fromTransaction (transaction: Transaction): vibecoin.network.v1.Transaction.$Properties {
  return {
    id: transaction.id,
    sender: transaction.sender,
    recipient: transaction.recipient,
    data: transaction.data,
    signature: transaction.signature,
    value: bigintToUint64(transaction.value) as never,
    nonce: bigintToUint64(transaction.nonce) as never,
    gasPrice: bigintToUint64(transaction.gasPrice) as never,
    gasLimit: bigintToUint64(transaction.gasLimit) as never
  }
}

export function fromBlock (block: Block): vibecoin.network.v1.Block.$Properties {
  return { ...block, transactions: block.transactions.map(fromTransaction) }
}

export function fromNodeInfo (node: NodeInfo): vibecoin.network.v1.NodeInfo.$Properties {
  return { ...node, features: bigintToUint64(node.features ?? 0n) as never }
}

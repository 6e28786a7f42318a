import protobuf from 'protobufjs/minimal.js'
import { vibecoin } from './generated/vibecoin.js'
import { bigintToUint64, uint64ToNumber } from './uint64.ts'
import type { Block, Transaction } from '../types/block.ts'
import type { NodeInfo } from '../types/node-info.ts'

/** The generated code, which nothing outside codec/ sees. */
export const wire: typeof vibecoin.network.v1 = vibecoin.network.v1

/** A reader that keeps nothing of the fields it does not know. */
export function createReader (bytes: Uint8Array): protobuf.Reader {
  const reader = protobuf.Reader.create(bytes)
  reader.discardUnknown = true

  return reader
}

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

export function toNodeInfo (from: InstanceType<typeof wire.NodeInfo>): NodeInfo {
  return {
    protocolVersion: from.protocolVersion,
    network: from.network,
    genesisHash: from.genesisHash,
    nodeId: from.nodeId,
    userAgent: from.userAgent,
    listenAddrs: from.listenAddrs,
    bestHeight: uint64ToNumber(from.bestHeight, 'node.bestHeight'),
    bestHash: from.bestHash
  }
}

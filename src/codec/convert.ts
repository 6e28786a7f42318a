import protobuf from 'protobufjs/minimal.js'
import { vibecoin } from './generated/vibecoin.js'
import { MIN_TRANSACTION_BYTES } from './limits.ts'
import { bigintToUint64, uint64ToBigint, uint64ToNumber } from './uint64.ts'
import type { Block, Transaction } from '../types/block.ts'
import type { NodeInfo } from '../types/node-info.ts'

/** The generated code, which nothing outside codec/ sees. */
export const wire: typeof vibecoin.network.v1 = vibecoin.network.v1

const TRANSACTIONS_TAG = 6 << 3 | 2
const NO_BYTES = new Uint8Array(0)

/** A reader that keeps nothing of the fields it does not know. */
export function createReader (bytes: Uint8Array): protobuf.Reader {
  const reader = protobuf.Reader.create(bytes)
  reader.discardUnknown = true

  return reader
}

/** What protobufjs has for absent bytes is a Buffer where there is Node.js; all others are what the frame is. */
function toBytes (bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === 0 ? NO_BYTES : bytes
}

export function toTransaction (from: InstanceType<typeof wire.Transaction>): Transaction {
  return {
    id: from.id,
    sender: from.sender,
    recipient: from.recipient,
    value: uint64ToBigint(from.value),
    nonce: uint64ToBigint(from.nonce),
    gasPrice: uint64ToBigint(from.gasPrice),
    gasLimit: uint64ToBigint(from.gasLimit),
    data: toBytes(from.data),
    signature: toBytes(from.signature)
  }
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

export function toBlock (from: InstanceType<typeof wire.Block>): Block {
  return {
    height: uint64ToNumber(from.height, 'block.height'),
    hash: from.hash,
    prevHash: from.prevHash,
    timestamp: uint64ToNumber(from.timestamp, 'block.timestamp'),
    stateRoot: from.stateRoot,
    transactions: from.transactions.map((transaction) => toTransaction(transaction as InstanceType<typeof wire.Transaction>)),
    proof: toBytes(from.proof)
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

/**
 * Throws where a block has a transaction too short to be one. The generated decoder makes an object for each before
 * anything can look at it: without this, a frame of empty ones would become a hundred times its size in memory.
 */
export function checkTransactionSizes (block: Uint8Array): void {
  const reader = protobuf.Reader.create(block)

  while (reader.pos < reader.len) {
    const tag = reader.tag()

    if (tag !== TRANSACTIONS_TAG) {
      reader.skipType(tag & 7, 0, tag >>> 3)
      continue
    }

    const size = reader.size()

    if (size < MIN_TRANSACTION_BYTES) {
      throw new RangeError(`Expected a transaction to be at least ${MIN_TRANSACTION_BYTES} bytes long, got ${size}`)
    }

    reader.skip(size)
  }
}

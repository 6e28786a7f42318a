import protobuf from 'protobufjs/minimal.js'
import { readBlock } from './reference.ts'
import { checkBlock } from '../../src/codec/check.ts'
import { wire } from '../../src/codec/wire/convert.ts'
import type { Block, Transaction } from '../../src/types/block.ts'

/** What `decodeBlock` is held to: all of a block by the generated code, then its values checked. Throws where it is not one. */
export function decodeEagerly (bytes: Uint8Array): Block {
  // what libraries take in different ways is none
  readBlock(bytes)
  const reader = protobuf.Reader.create(bytes)
  reader.discardUnknown = true
  const block = toBlock(wire.Block.decode(reader))
  checkBlock(block)

  return block
}

function toBlock (from: InstanceType<typeof wire.Block>): Block {
  return {
    height: toNumber(from.height),
    hash: from.hash,
    prevHash: from.prevHash,
    timestamp: toNumber(from.timestamp),
    stateRoot: from.stateRoot,
    transactions: from.transactions.map((transaction) => toTransaction(transaction as InstanceType<typeof wire.Transaction>)),
    proof: plain(from.proof)
  }
}

function toTransaction (from: InstanceType<typeof wire.Transaction>): Transaction {
  return {
    id: from.id,
    sender: from.sender,
    recipient: from.recipient,
    value: toBigint(from.value),
    nonce: toBigint(from.nonce),
    gasPrice: toBigint(from.gasPrice),
    gasLimit: toBigint(from.gasLimit),
    data: plain(from.data),
    signature: plain(from.signature)
  }
}

/** protobufjs has a Buffer where bytes are absent. */
function plain (bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes)
}

function toBigint (value: unknown): bigint {
  const { low, high } = typeof value === 'number' ? { low: value, high: 0 } : value as { low: number, high: number }

  return BigInt(high >>> 0) << 32n | BigInt(low >>> 0)
}

function toNumber (value: unknown): number {
  const number = toBigint(value)

  if (number > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new RangeError('Expected at most 2^53 - 1')
  }

  return Number(number)
}

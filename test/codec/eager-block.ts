import protobuf from 'protobufjs/minimal.js'
import { checkBlock } from '../../src/codec/check.ts'
import { createReader, wire } from '../../src/codec/convert.ts'
import { MIN_TRANSACTION_BYTES } from '../../src/codec/limits.ts'
import { uint64ToBigint, uint64ToNumber } from '../../src/codec/uint64.ts'
import type { Block, Transaction } from '../../src/types/block.ts'

/** What `decodeBlock` is held to: all of a block by the generated code, then its values checked. Throws where it is not one. */
export function decodeEagerly (bytes: Uint8Array): Block {
  checkTransactionSizes(bytes)
  const block = toBlock(wire.Block.decode(createReader(bytes)))
  checkBlock(block)

  return block
}

function toBlock (from: InstanceType<typeof wire.Block>): Block {
  return {
    height: uint64ToNumber(from.height, 'block.height'),
    hash: from.hash,
    prevHash: from.prevHash,
    timestamp: uint64ToNumber(from.timestamp, 'block.timestamp'),
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
    value: uint64ToBigint(from.value),
    nonce: uint64ToBigint(from.nonce),
    gasPrice: uint64ToBigint(from.gasPrice),
    gasLimit: uint64ToBigint(from.gasLimit),
    data: plain(from.data),
    signature: plain(from.signature)
  }
}

/** protobufjs has a Buffer where bytes are absent. */
function plain (bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes)
}

function checkTransactionSizes (block: Uint8Array): void {
  const reader = protobuf.Reader.create(block)

  while (reader.pos < reader.len) {
    const tag = reader.tag()

    if (tag !== (6 << 3 | 2)) {
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

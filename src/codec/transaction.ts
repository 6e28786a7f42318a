import { HASH_BYTES } from './limits.ts'
import { uint64ToBigint } from './uint64.ts'
import { readBytes } from './read-bytes.ts'
import { FieldWriter, MAX_VARINT_FIELD, fieldBytes } from './writer.ts'
import type { Transaction } from '../types/block.ts'
import type protobuf from 'protobufjs/minimal.js'

// The one message that comes by the hundred thousand a second is read and written by hand: no object stands between its
// bytes and a Transaction. The tests hold it to the schema and to the generated code.

const NO_BYTES = new Uint8Array(0)

/** Numbers hold this many groups of 7 bits exactly. */
const MAX_NUMBER_BYTES = 7

/**
 * Reads a transaction as it is, up to the end of what is read. `depth` counts against the depth of groups that are skipped.
 * Throws where it is not one by its form; its values are not checked.
 */
export function readTransaction (reader: protobuf.Reader, depth = 0): Transaction {
  const transaction: Transaction = {
    id: NO_BYTES,
    sender: NO_BYTES,
    recipient: NO_BYTES,
    value: 0n,
    nonce: 0n,
    gasPrice: 0n,
    gasLimit: 0n,
    data: NO_BYTES,
    signature: NO_BYTES
  }

  while (reader.pos < reader.len) {
    readField(reader, transaction, depth)
  }

  return transaction
}

function readField (reader: protobuf.Reader, transaction: Transaction, depth: number): void {
  const tag = reader.tag()

  switch (tag) {
    case 1 << 3 | 2: transaction.id = readBytes(reader); break
    case 2 << 3 | 2: transaction.sender = readBytes(reader); break
    case 3 << 3 | 2: transaction.recipient = readBytes(reader); break
    case 4 << 3: transaction.value = readUint64(reader); break
    case 5 << 3: transaction.nonce = readUint64(reader); break
    case 6 << 3: transaction.gasPrice = readUint64(reader); break
    case 7 << 3: transaction.gasLimit = readUint64(reader); break
    case 8 << 3 | 2: transaction.data = readBytes(reader); break
    case 9 << 3 | 2: transaction.signature = readBytes(reader); break
    default: reader.skipType(tag & 7, depth, tag >>> 3)
  }
}

/** Most values are small, and numbers are quicker than what protobufjs has for 64 bits. */
function readUint64 (reader: protobuf.Reader): bigint {
  const end = Math.min(reader.len, reader.pos + MAX_NUMBER_BYTES)
  let value = 0
  let unit = 1

  for (let at = reader.pos; at < end; at++) {
    const byte = reader.buf[at]!
    value += (byte & 0x7f) * unit
    unit *= 0x80

    if (byte < 0x80) {
      reader.pos = at + 1
      return BigInt(value)
    }
  }

  return uint64ToBigint(reader.uint64())
}

/** Writes a transaction whose values are checked. `headroom` is for what is to be put in front of it. */
export function writeTransaction (transaction: Transaction, headroom = 0): FieldWriter {
  const { data, signature } = transaction
  const maxBytes = 3 * fieldBytes(HASH_BYTES) + 4 * MAX_VARINT_FIELD +
    fieldBytes(data.byteLength) + fieldBytes(signature.byteLength)

  return new FieldWriter(maxBytes, headroom)
    .bytes(1, transaction.id)
    .bytes(2, transaction.sender)
    .bytes(3, transaction.recipient)
    .uint64(4, transaction.value)
    .uint64(5, transaction.nonce)
    .uint64(6, transaction.gasPrice)
    .uint64(7, transaction.gasLimit)
    .bytes(8, data)
    .bytes(9, signature)
}

import { HASH_BYTES } from '../limits.ts'
import { view } from '../../memory/pool.ts'
import { isPlain, readPlain } from '../wire/plain-transaction.ts'
import { scan } from '../wire/scan.ts'
import { TRANSACTION } from '../wire/schema.ts'
import { FieldWriter, MAX_VARINT_FIELD, fieldBytes } from '../wire/writer.ts'
import type { Transaction } from '../../types/block.ts'

// Transactions come by the hundred thousand a second, so they are read and written by hand: no object stands between their bytes and a
// Transaction. The tests hold this file to the schema and to the generated code.

/** Reads and checks a transaction, within `bytes`. What is bytes in it is a view. Throws a DecodeError where it is not one. */
export function readTransaction (bytes: Uint8Array, start: number, end: number): Transaction {
  return isPlain(bytes, start, end) ? readPlain(bytes, start, end) : readAny(view(bytes, start, end))
}

/** {@link readTransaction} for any form of the fields. */
export function readAny (bytes: Uint8Array): Transaction {
  const found = scan(bytes, TRANSACTION)

  return {
    id: found.bytes(1),
    sender: found.bytes(2),
    recipient: found.bytes(3),
    value: found.bigint(4),
    nonce: found.bigint(5),
    gasPrice: found.bigint(6),
    gasLimit: found.bigint(7),
    data: found.bytes(8),
    signature: found.bytes(9)
  }
}

/** Writes a transaction whose values are checked. `headroom` is left in front of it. */
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

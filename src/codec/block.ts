import protobuf from 'protobufjs/minimal.js'
import { checkHeader, checkTransaction } from './check.ts'
import { MIN_TRANSACTION_BYTES } from './limits.ts'
import { isPlain, readPlain } from './plain-transaction.ts'
import { readBytes } from './read-bytes.ts'
import { readTransaction } from './transaction.ts'
import { uint64ToNumber } from './uint64.ts'
import type { WireUint64 } from './uint64.ts'
import type { Block, Transaction } from '../types/block.ts'

// A node that synchronises or relays looks at the header of a block, and often at nothing else. All of a block is checked
// where it comes in, but its transactions are no objects until somebody looks at them: to make them takes ten times as long
// as to check them. The tests hold it to the schema and to the generated code.

const TRANSACTION_TAG = 6 << 3 | 2
const NO_BYTES = new Uint8Array(0)

/** How deep a transaction is in what is read, which counts against the depth of the groups that are skipped in it. */
const TRANSACTION_DEPTH = 1

const NOT_PLAIN = -1

const CONTENT = Symbol('content')

/** What no copy of a block has. */
interface LazyBlock extends Block {
  readonly [CONTENT]: { readonly bytes: Uint8Array, transactions: Transaction[] | undefined }
}

/** One pair of functions for all blocks: with a pair of its own each would be of a class of its own to V8, which lives long. */
const TRANSACTIONS: PropertyDescriptor & ThisType<LazyBlock> = {
  enumerable: true,
  configurable: true,
  get () {
    const content = this[CONTENT]
    content.transactions ??= readTransactions(content.bytes)

    return content.transactions
  },
  set (value: Transaction[]) {
    this[CONTENT].transactions = value
  }
}

interface Fields extends Omit<Block, 'height' | 'timestamp' | 'transactions'> {
  height: WireUint64
  timestamp: WireUint64
}

/**
 * Reads a block and checks all of it, so that what it gives never throws. Throws where it is not one.
 */
export function readBlock (bytes: Uint8Array): Block {
  const reader = protobuf.Reader.create(bytes)
  const fields: Fields = { height: 0, hash: NO_BYTES, prevHash: NO_BYTES, timestamp: 0, stateRoot: NO_BYTES, proof: NO_BYTES }

  while (reader.pos < reader.len) {
    readField(reader, fields)
  }

  const block = toBlock(fields, reader.buf)
  checkHeader(block)

  return block
}

function readField (reader: protobuf.Reader, fields: Fields): void {
  const tag = reader.tag()

  switch (tag) {
    case 1 << 3: fields.height = reader.uint64(); break
    case 2 << 3 | 2: fields.hash = readBytes(reader); break
    case 3 << 3 | 2: fields.prevHash = readBytes(reader); break
    case 4 << 3: fields.timestamp = reader.uint64(); break
    case 5 << 3 | 2: fields.stateRoot = readBytes(reader); break
    case TRANSACTION_TAG: passTransactions(reader); break
    case 7 << 3 | 2: fields.proof = readBytes(reader); break
    default: reader.skipType(tag & 7, 0, tag >>> 3)
  }
}

/** Properties of its own, in the order of the interface, so that a copy or a comparison of it is that of any other object. */
function toBlock (fields: Fields, bytes: Uint8Array): Block {
  const block = {
    height: uint64ToNumber(fields.height, 'block.height'),
    hash: fields.hash,
    prevHash: fields.prevHash,
    timestamp: uint64ToNumber(fields.timestamp, 'block.timestamp'),
    stateRoot: fields.stateRoot
  } as LazyBlock

  Object.defineProperty(block, 'transactions', TRANSACTIONS)
  block.proof = fields.proof
  Object.defineProperty(block, CONTENT, { value: { bytes, transactions: undefined } })

  return block
}

/** The transactions of a block that was checked. */
function readTransactions (block: Uint8Array): Transaction[] {
  const reader = protobuf.Reader.create(block)
  const transactions: Transaction[] = []

  while (reader.pos < reader.len) {
    const tag = reader.tag()

    if (tag === TRANSACTION_TAG) {
      transactions.push(readNextTransaction(reader, reader.size()))
    } else {
      reader.skipType(tag & 7, 0, tag >>> 3)
    }
  }

  return transactions
}

function readNextTransaction (reader: protobuf.Reader, size: number): Transaction {
  const { len } = reader

  if (size > len - reader.pos) {
    throw new RangeError(`index out of range: ${reader.pos} + ${size} > ${len}`)
  }

  const end = reader.pos + size

  if (isPlain(reader.buf, reader.pos, end)) {
    const transaction = readPlain(reader.buf, reader.pos, end)
    reader.pos = end

    return transaction
  }

  reader.len = end
  const transaction = readTransaction(reader, TRANSACTION_DEPTH)
  reader.len = len

  return transaction
}

/** Passes the transactions that come one after the other, after the tag of the first. Throws where one is not valid. */
function passTransactions (reader: protobuf.Reader): void {
  const { buf, len } = reader
  let start = reader.pos

  for (let end = skipPlain(buf, start, len); end !== NOT_PLAIN; end = skipPlain(buf, start, len)) {
    if (end === len || buf[end] !== TRANSACTION_TAG) {
      reader.pos = end
      return
    }

    start = end + 1
  }

  reader.pos = start
  passOdd(reader)
}

/** However oddly a transaction is written, it may be valid. */
function passOdd (reader: protobuf.Reader): void {
  const size = reader.size()

  // what is too short is refused for that, wherever its end is
  if (size < MIN_TRANSACTION_BYTES) {
    throw new RangeError(`Expected a transaction to be at least ${MIN_TRANSACTION_BYTES} bytes long, got ${size}`)
  }

  checkTransaction(readNextTransaction(reader, size))
}

/**
 * Where the transaction whose length is at `start` ends, if it is plain and therefore valid.
 */
function skipPlain (bytes: Uint8Array, start: number, len: number): number {
  let at = start + 1
  let size = bytes[start]!

  if (size >= 0x80) {
    size = size & 0x7f | bytes[at++]! << 7
  }

  const end = at + size

  // the second byte of a length of three is counted too, which makes it at least this
  return size < 1 << 14 && end <= len && isPlain(bytes, at, end) ? end : NOT_PLAIN
}

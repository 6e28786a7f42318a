import { scan } from '../wire/scan.ts'
import { BLOCK } from '../wire/schema.ts'
import { readTransaction } from './transaction.ts'
import { WireReader } from '../wire/reader.ts'
import type { Block, Transaction } from '../../types/block.ts'

// A node that synchronises or relays reads the header of a block, and often nothing else. It checks all of a block, but makes no
// objects of the transactions before they are read: that takes ten times as long as the check. The tests hold this file to the schema
// and to the generated code.

const TRANSACTION_TAG = 6 << 3 | 2

const CONTENT = Symbol('content')

interface Content { readonly bytes: Uint8Array, transactions: Transaction[] | undefined }

/** A block that makes its transactions when they are read. A copy of it has no {@link CONTENT}. */
interface LazyBlock extends Block {
  readonly [CONTENT]: Content
}

/** One pair of functions for all blocks. With a pair of its own, each block would have a hidden class of its own in V8. */
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

/**
 * Reads a block and checks all of it, so that what it gives never throws. Throws a DecodeError where it is not one.
 */
export function readBlock (bytes: Uint8Array): Block {
  const found = scan(bytes, BLOCK)

  // own properties in the order of the interface: it is copied and compared like any other object
  const block = {
    height: found.number(1),
    hash: found.bytes(2),
    prevHash: found.bytes(3),
    timestamp: found.number(4),
    stateRoot: found.bytes(5)
  } as LazyBlock

  Object.defineProperty(block, 'transactions', TRANSACTIONS)
  block.proof = found.bytes(7)
  Object.defineProperty(block, CONTENT, { value: { bytes, transactions: undefined } })

  return block
}

/** How many transactions a block has. A decoded one makes none of them for that, which would take longer than all else that a node does. */
export function countTransactions (block: Block): number {
  const content = CONTENT in block ? (block as LazyBlock)[CONTENT] : undefined

  return content != null && content.transactions == null ? countIn(content.bytes) : block.transactions.length
}

function countIn (block: Uint8Array): number {
  const reader = new WireReader(block)
  let count = 0

  while (reader.at < reader.end) {
    const tag = reader.tag()
    reader.skip(tag & 7)
    count += tag === TRANSACTION_TAG ? 1 : 0
  }

  return count
}

/** What links a block to the one before it, and to the one after. What is bytes in it is a view. */
export type BlockLinks = Pick<Block, 'height' | 'hash' | 'prevHash'>

/** Checks all of a block, like {@link readBlock}, and makes nothing of it but its links. */
export function readLinks (bytes: Uint8Array): BlockLinks {
  const found = scan(bytes, BLOCK)

  return { height: found.number(1), hash: found.bytes(2), prevHash: found.bytes(3) }
}

/** The transactions of a block that was checked. */
function readTransactions (block: Uint8Array): Transaction[] {
  const reader = new WireReader(block)
  const transactions: Transaction[] = []

  while (reader.at < reader.end) {
    const tag = reader.tag()

    if (tag === TRANSACTION_TAG) {
      const length = reader.length()
      transactions.push(readTransaction(block, reader.at, reader.at + length))
      reader.at += length
    } else {
      reader.skip(tag & 7)
    }
  }

  return transactions
}

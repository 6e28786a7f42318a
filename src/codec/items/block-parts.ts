import { view } from '../../memory/pool.ts'
import { WireReader } from '../wire/reader.ts'
import { fieldBytes, varintBytes } from '../wire/writer.ts'

const TRANSACTION_TAG = 6 << 3 | 2

/** An encoded block in three parts. What is bytes in it is a view of the block. */
export interface BlockParts {
  /** Up to its first transaction. */
  before: Uint8Array
  /** Encoded, without their tags and lengths. */
  transactions: Uint8Array[]
  /** Behind its last transaction. */
  after: Uint8Array
}

/**
 * Cuts an encoded block that was decoded before. `undefined` where {@link joinBlock} could not put it together again: where something
 * stands between its transactions, or a length is longer than it need be.
 */
export function cutBlock (block: Uint8Array): BlockParts | undefined {
  const reader = new WireReader(block)
  const transactions: Uint8Array[] = []
  let start = -1
  let end = -1

  while (reader.at < reader.end) {
    const at = reader.at
    const tag = reader.tag()

    if (tag !== TRANSACTION_TAG) {
      reader.skip(tag & 7)
      continue
    }

    const length = reader.length()

    if ((start >= 0 && at !== end) || reader.at - at !== 1 + varintBytes(length)) {
      return undefined
    }

    transactions.push(view(block, reader.at, reader.at + length))
    reader.at += length
    start = start < 0 ? at : start
    end = reader.at
  }

  // a block without transactions comes before them
  const cut = start < 0 ? [block.byteLength, block.byteLength] as const : [start, end] as const

  return { before: view(block, 0, cut[0]), transactions, after: view(block, cut[1], block.byteLength) }
}

/** How many bytes a block of these parts has. */
export function joinedBytes ({ before, transactions, after }: BlockParts): number {
  return transactions.reduce((sum, { byteLength }) => sum + fieldBytes(byteLength), before.byteLength + after.byteLength)
}

/** The encoded block of these parts, in memory of its own. */
export function joinBlock (parts: BlockParts): Uint8Array {
  const block = new Uint8Array(joinedBytes(parts))
  block.set(parts.before)
  let at = parts.before.byteLength

  for (const transaction of parts.transactions) {
    block[at++] = TRANSACTION_TAG

    for (let rest = transaction.byteLength; ; rest >>>= 7) {
      if (rest < 0x80) {
        block[at++] = rest
        break
      }

      block[at++] = rest & 0x7f | 0x80
    }

    block.set(transaction, at)
    at += transaction.byteLength
  }

  block.set(parts.after, at)

  return block
}

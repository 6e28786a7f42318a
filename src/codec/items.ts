import protobuf from 'protobufjs/minimal.js'
import { readBlock } from './block.ts'
import { checkBlock, checkTransaction } from './check.ts'
import { fromBlock, wire } from './convert.ts'
import { MIN_BLOCK_BYTES } from './limits.ts'
import { view } from './memory.ts'
import { isPlain, readPlain } from './plain-transaction.ts'
import { contentStart } from './read-bytes.ts'
import { readTransaction, writeTransaction } from './transaction.ts'
import { DecodeError, EncodeError } from '../errors.ts'
import type { Block, Transaction } from '../types/block.ts'
import type { StoredBlock } from '../types/chain.ts'

// Blocks and transactions as bytes. A digest, a duplicate check and a relay need no more than these.

/** The field of the item, or of each item, in the body that holds it. */
export const ITEM_FIELD = 1

const ITEM_TAG = ITEM_FIELD << 3 | 2

/** Says that a range response is the last. */
export const LAST_FIELD = 2
const LAST_TAG = LAST_FIELD << 3 | 0

/** The encoded block or transaction in the body of a `newBlock`, `newTransaction` or `responseBlock`, a view of it. */
export function readItem (body: Uint8Array): Uint8Array | undefined {
  return readOnlyItem(body) ?? readItemAmongOthers(body)
}

/** The item of a body that holds nothing else, which is how everybody writes one. */
function readOnlyItem (body: Uint8Array): Uint8Array | undefined {
  const start = body[0] === ITEM_TAG ? contentStart(body) : 0

  return start === 0 ? undefined : view(body, start, body.byteLength)
}

function readItemAmongOthers (body: Uint8Array): Uint8Array | undefined {
  let found: Uint8Array | undefined

  readFields(body, (item) => {
    if (found != null) {
      throw new DecodeError('Expected one block or transaction in a message')
    }

    found = item
  })

  return found
}

/** The encoded blocks in the body of a `responseBlockRange`, views of it, and whether it is the last. */
export function readRange (body: Uint8Array): { items: Uint8Array[], last: boolean } {
  const items: Uint8Array[] = []

  const last = readFields(body, (item) => {
    if (item.byteLength < MIN_BLOCK_BYTES) {
      throw new DecodeError(`Expected a block to be at least ${MIN_BLOCK_BYTES} bytes long, got ${item.byteLength}`)
    }

    items.push(item)
  })

  return { items, last }
}

/** Says whether `last` is set. Collects nothing: a body of empty items would become a hundred times its size in memory. */
function readFields (body: Uint8Array, onItem: (item: Uint8Array) => void): boolean {
  let last = false

  try {
    const reader = protobuf.Reader.create(body)

    while (reader.pos < reader.len) {
      const tag = reader.tag()

      if (tag === ITEM_TAG) {
        onItem(reader.bytes())
      } else if (tag === LAST_TAG) {
        last = reader.bool()
      } else {
        reader.skipType(tag & 7, 0, tag >>> 3)
      }
    }
  } catch (err) {
    throw err instanceof DecodeError ? err : new DecodeError('Could not decode the message', { cause: err })
  }

  return last
}

/** The body of a `newBlock`, `newTransaction` or `responseBlock` around an encoded item. */
export function writeItem (item: Uint8Array | undefined): Uint8Array {
  const writer = protobuf.Writer.create()

  return item == null ? writer.finish() : writer.uint32(ITEM_TAG).bytes(item).finish()
}

/** The body of a `responseBlockRange` around encoded blocks. */
export function writeRange (items: Uint8Array[], last: boolean): Uint8Array {
  const writer = protobuf.Writer.create()

  for (const item of items) {
    writer.uint32(ITEM_TAG).bytes(item)
  }

  return last ? writer.uint32(LAST_TAG).bool(true).finish() : writer.finish()
}

/**
 * Decodes a block and checks all of it. Its `transactions` are made of the bytes when they are first looked at, and what is bytes
 * in it is a view: `bytes` are not to be changed while the block is in use.
 * Throws a {@link DecodeError}, and nothing else.
 */
export function decodeBlock (bytes: Uint8Array): Block {
  try {
    return readBlock(bytes)
  } catch (err) {
    throw new DecodeError('Could not decode a block', { cause: err })
  }
}

/** Throws a {@link DecodeError}, and nothing else. */
export function decodeTransaction (bytes: Uint8Array): Transaction {
  try {
    if (isPlain(bytes, 0, bytes.byteLength)) {
      return readPlain(bytes, 0, bytes.byteLength)
    }

    const transaction = readTransaction(protobuf.Reader.create(bytes))
    checkTransaction(transaction)

    return transaction
  } catch (err) {
    throw new DecodeError('Could not decode a transaction', { cause: err })
  }
}

/** The bytes of a block, as they go on the wire. Throws an {@link EncodeError} where a value does not fit. */
export function encodeBlock (block: Block): Uint8Array {
  try {
    checkBlock(block)

    return wire.Block.encode(fromBlock(block)).finish()
  } catch (err) {
    throw new EncodeError('Could not encode a block', { cause: err })
  }
}

/** The bytes of a transaction, as they go on the wire. Throws an {@link EncodeError} where a value does not fit. */
export function encodeTransaction (transaction: Transaction): Uint8Array {
  try {
    checkTransaction(transaction)

    // memory of its own, for the application to do with as it likes
    return writeTransaction(transaction).finish().slice()
  } catch (err) {
    throw new EncodeError('Could not encode a transaction', { cause: err })
  }
}

/** The bytes of a block from a chain, which may have them already. */
export function storedToBytes (block: StoredBlock): Uint8Array {
  return block instanceof Uint8Array ? block : encodeBlock(block)
}

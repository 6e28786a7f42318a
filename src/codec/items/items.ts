import protobuf from 'protobufjs/minimal.js'
import { readBlock, readLinks } from './block.ts'
import { checkBlock, checkTransaction } from '../check.ts'
import { contentStart } from '../wire/content-start.ts'
import { fromBlock, wire } from '../wire/convert.ts'
import { maxItemBytes } from '../limits.ts'
import { fillsMemory } from '../../memory/free-memory.ts'
import { view } from '../../memory/pool.ts'
import { scan } from '../wire/scan.ts'
import { BODIES, ITEM_BODY } from '../wire/schema.ts'
import { readTransaction, writeTransaction } from './transaction.ts'
import { broken } from '../wire/rule.ts'
import { DecodeError, EncodeError, errorMessage } from '../../errors.ts'
import type { BlockLinks } from './block.ts'
import type { Block, Transaction } from '../../types/block.ts'
import type { StoredBlock } from '../../types/chain.ts'

// Blocks and transactions as bytes. Digests, duplicate checks and gossip need no more.

/** The field of the item, or of each item, in the body that holds it. */
export const ITEM_FIELD = 1

const ITEM_TAG = ITEM_FIELD << 3 | 2

/** Says that a range response is the last. */
export const LAST_FIELD = 2

/**
 * The encoded block or transaction in the body of a `newBlock`, `newTransaction` or `responseBlock`, a view of it; `undefined` where
 * there is none. Throws a {@link DecodeError} where there are two.
 */
export function readItem (body: Uint8Array): Uint8Array | undefined {
  return readOnlyItem(body) ?? readItemAmongOthers(body)
}

function readItemAmongOthers (body: Uint8Array): Uint8Array | undefined {
  const found = scan(body, ITEM_BODY)

  return found.has(ITEM_FIELD) ? found.bytes(ITEM_FIELD) : undefined
}

/** What {@link readItem} gives for a message that has to have one. Throws a {@link DecodeError} where it has not. */
export function readNewItem (body: Uint8Array): Uint8Array {
  return readItem(body) ?? broken('required', 'Expected a message with a block or transaction')
}

/** The item of a body that holds nothing else. All encoders write it so. */
function readOnlyItem (body: Uint8Array): Uint8Array | undefined {
  const start = body[0] === ITEM_TAG ? contentStart(body) : 0

  return start === 0 ? undefined : view(body, start, body.byteLength)
}

/** The encoded blocks in the body of a `responseBlockRange`, views of it, and whether it is the last. */
export function readRange (body: Uint8Array): { items: Uint8Array[], last: boolean } {
  const found = scan(body, BODIES.responseBlockRange)
  const last = found.number(LAST_FIELD) === 1

  if (found.count === 0 && !last) {
    broken('empty-range', 'Expected a range response to have blocks, or to be the last')
  }

  return { items: found.repeated(), last }
}

/** The item. Throws a {@link DecodeError} where it is over `maxBytes`: no node could serve it to others. */
export function checkReceivedSize (item: Uint8Array, maxBytes: number): Uint8Array {
  if (item.byteLength > maxBytes) {
    broken('item-size', `Expected a block or transaction of at most ${maxBytes} bytes, got ${item.byteLength}`)
  }

  return item
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

  return last ? writer.uint32(LAST_FIELD << 3).bool(true).finish() : writer.finish()
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
    throw toDecodeError('a block', err)
  }
}

/** Checks all of a block, and decodes what links it. Throws a {@link DecodeError}, and nothing else. */
export function decodeLinks (bytes: Uint8Array): BlockLinks {
  try {
    return readLinks(bytes)
  } catch (err) {
    throw toDecodeError('a block', err)
  }
}

/** Throws a {@link DecodeError}, and nothing else. */
export function decodeTransaction (bytes: Uint8Array): Transaction {
  try {
    return readTransaction(bytes, 0, bytes.byteLength)
  } catch (err) {
    throw toDecodeError('a transaction', err)
  }
}

function toDecodeError (what: string, err: unknown): DecodeError {
  return new DecodeError(`Could not decode ${what}`, { cause: err, ...(err instanceof DecodeError && err.rule != null && { rule: err.rule }) })
}

/** The bytes of a block, as they go on the wire. Throws an {@link EncodeError} where a value does not fit. */
export function encodeBlock (block: Block): Uint8Array {
  try {
    checkBlock(block)
    const bytes = wire.Block.encode(fromBlock(block)).finish()

    // memory of its own: in a pool of Node.js a small block would keep 64 KiB
    return fillsMemory(bytes) ? view(bytes, 0, bytes.byteLength) : new Uint8Array(bytes)
  } catch (err) {
    throw new EncodeError(`Could not encode a block: ${errorMessage(err)}`, { cause: err })
  }
}

/** The bytes of a transaction, as they go on the wire. Throws an {@link EncodeError} where a value does not fit. */
export function encodeTransaction (transaction: Transaction): Uint8Array {
  try {
    checkTransaction(transaction)

    // memory of its own: the application may do with it as it likes
    return writeTransaction(transaction).finish().slice()
  } catch (err) {
    throw new EncodeError(`Could not encode a transaction: ${errorMessage(err)}`, { cause: err })
  }
}

/** Throws an {@link EncodeError} where an item of so many bytes is larger than what frames of `maxFrameBytes` carry. */
export function checkItemSize (bytes: number, maxFrameBytes: number): void {
  const maxBytes = maxItemBytes(maxFrameBytes)

  if (bytes > maxBytes) {
    throw new EncodeError(`Expected a block or transaction of at most ${maxBytes} bytes, got ${bytes}`)
  }
}

/** The bytes of a block from a chain, which may have them already. */
export function storedToBytes (block: StoredBlock): Uint8Array {
  return block instanceof Uint8Array ? block : encodeBlock(block)
}

import { describe } from '../../config/checks.ts'
import { Uint8ArrayList } from 'uint8arraylist'
import { checkTransaction } from '../check.ts'
import { bodyField } from '../envelope.ts'
import { checkItemSize, encodeBlock, ITEM_FIELD } from './items.ts'
import { MIN_PIECE_BYTES } from './response-frame.ts'
import { writeTransaction } from './transaction.ts'
import { keepMemory } from '../../memory/untransferable.ts'
import { FieldWriter, fieldBytes } from '../wire/writer.ts'
import { EncodeError, errorMessage } from '../../errors.ts'
import type { BroadcastMessage } from '../../types/message.ts'

// The node frames an item once for all peers that it sends it to.

/** The tags and lengths in front of an item: two of each, and the length of the frame. */
const HEADROOM_BYTES = 32

/** What may lie around a large item in its memory. With more, the node copies it: it may keep the frame for minutes. */
export const MAX_AROUND_BYTES = 64

/** An item, and the whole frame that it is part of. */
export interface ItemFrame {
  /** Shares memory with `frame`. */
  item: Uint8Array
  frame: Uint8Array | Uint8ArrayList
}

/**
 * The frame of a `newBlock` or `newTransaction` around its encoded item. The item must not change while the frame is in use.
 * Throws an {@link EncodeError} where the item is over what frames of `maxBytes` carry.
 */
export function encodeItemFrame (type: BroadcastMessage['type'], item: Uint8Array, maxBytes: number): Uint8Array | Uint8ArrayList {
  if (isPiece(item)) {
    return frameAround(type, item, maxBytes)
  }

  return frameItem(type, new FieldWriter(item.byteLength, HEADROOM_BYTES).raw(item), maxBytes)
}

/**
 * The frame of a block or transaction, and the item in it.
 * Throws an {@link EncodeError} where a value does not fit the wire, or the message is over what frames of `maxBytes` carry.
 */
export function encodeBroadcast (message: BroadcastMessage, maxBytes: number): ItemFrame {
  // an application without types may give anything
  const given = message as { type?: unknown } | null | undefined

  if (given?.type !== 'newBlock' && given?.type !== 'newTransaction') {
    throw new EncodeError(`Expected a message of the type newBlock or newTransaction, got ${describe(given?.type ?? given)}`)
  }

  if (message.type === 'newBlock') {
    const item = encodeBlock(message.block)

    return { item, frame: encodeItemFrame(message.type, item, maxBytes) }
  }

  const writer = writeChecked(message.transaction)

  return { item: writer.finish(), frame: frameItem(message.type, writer, maxBytes) }
}

function writeChecked (transaction: Parameters<typeof writeTransaction>[0]): FieldWriter {
  try {
    checkTransaction(transaction)

    return writeTransaction(transaction, HEADROOM_BYTES)
  } catch (err) {
    throw new EncodeError(`Could not encode a transaction: ${errorMessage(err)}`, { cause: err })
  }
}

/** Whether an item is large, and has the memory that it is a view of nearly to itself. */
function isPiece ({ byteLength, buffer }: Uint8Array): boolean {
  return byteLength >= MIN_PIECE_BYTES && buffer.byteLength - byteLength <= MAX_AROUND_BYTES
}

/**
 * The frame of a large item, without a copy of it: a node that relays a block has it in memory once. The application has it too, and can no
 * longer transfer that memory.
 */
function frameAround (type: BroadcastMessage['type'], item: Uint8Array, maxBytes: number): Uint8ArrayList {
  checkItemSize(item.byteLength, maxBytes)
  keepMemory(item)
  const head = new FieldWriter(HEADROOM_BYTES)
    .varint(fieldBytes(fieldBytes(item.byteLength)))
    .begin(bodyField(type), fieldBytes(item.byteLength))
    .begin(ITEM_FIELD, item.byteLength)

  return new Uint8ArrayList(head.finish(), item)
}

function frameItem (type: BroadcastMessage['type'], writer: FieldWriter, maxBytes: number): Uint8Array {
  checkItemSize(writer.length, maxBytes)

  return writer.wrap(ITEM_FIELD).wrap(bodyField(type)).prefix().finish()
}

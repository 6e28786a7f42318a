import { checkTransaction } from './check.ts'
import { bodyField } from './envelope.ts'
import { encodeBlock, ITEM_FIELD } from './items.ts'
import { writeTransaction } from './transaction.ts'
import { FieldWriter, fieldBytes } from './writer.ts'
import { EncodeError } from '../errors.ts'
import type { BroadcastMessage } from '../types/message.ts'

// What is broadcast and relayed is framed once for all peers, and often.

/** The tags and lengths in front of an item: two of each, and the length of the frame. */
const HEADROOM_BYTES = 32

/** An item, and the whole frame that it is part of. */
export interface ItemFrame {
  /** A view of `frame`. */
  item: Uint8Array
  frame: Uint8Array
}

/**
 * The frame of a `newBlock` or `newTransaction` around its encoded item.
 * Throws an {@link EncodeError} where the message is over `maxBytes`.
 */
export function encodeItemFrame (type: BroadcastMessage['type'], item: Uint8Array, maxBytes: number): Uint8Array {
  return frameItem(type, new FieldWriter(item.byteLength, HEADROOM_BYTES).raw(item), maxBytes)
}

/**
 * The frame of a block or transaction, and the item in it.
 * Throws an {@link EncodeError} where a value does not fit the wire, or the message is over `maxBytes`.
 */
export function encodeBroadcast (message: BroadcastMessage, maxBytes: number): ItemFrame {
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
    throw new EncodeError('Could not encode a transaction', { cause: err })
  }
}

function frameItem (type: BroadcastMessage['type'], writer: FieldWriter, maxBytes: number): Uint8Array {
  const bytes = fieldBytes(fieldBytes(writer.length))

  if (bytes > maxBytes) {
    throw new EncodeError(`Expected a message of 1 to ${maxBytes} bytes, got ${bytes}`)
  }

  return writer.wrap(ITEM_FIELD).wrap(bodyField(type)).prefix().finish()
}

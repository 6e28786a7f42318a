import { bodyField } from './envelope.ts'
import { ITEM_FIELD } from './items.ts'
import { FieldWriter, maxBytesField, varintBytes } from './writer.ts'
import { EncodeError } from '../errors.ts'
import type { BroadcastMessage } from '../types/message.ts'

/**
 * The whole frame of a `newBlock` or `newTransaction` around its encoded item: what is broadcast and relayed is framed
 * once for all peers, and often.
 * Throws an {@link EncodeError} where the message is over `maxBytes`.
 */
export function encodeItemFrame (type: BroadcastMessage['type'], item: Uint8Array, maxBytes: number): Uint8Array {
  const bodyLength = maxBytesField(item.byteLength)
  const messageLength = maxBytesField(bodyLength)

  if (messageLength > maxBytes) {
    throw new EncodeError(`Expected a message of 1 to ${maxBytes} bytes, got ${messageLength}`)
  }

  return new FieldWriter(varintBytes(messageLength) + messageLength)
    .varint(messageLength)
    .bytesHeader(bodyField(type), bodyLength)
    .bytesHeader(ITEM_FIELD, item.byteLength)
    .raw(item)
    .finish()
}

import { bodyField, REQUEST_ID_FIELD } from './envelope.ts'
import { ITEM_FIELD, LAST_FIELD } from './items.ts'
import { fieldBytes, FieldWriter, MAX_VARINT_FIELD, varintBytes } from './writer.ts'
import { EncodeError } from '../errors.ts'

// What is served are blocks that are encoded already: each is copied once, into the frame.

/** What the frame of a response is made with. */
export interface ResponseFrameInit {
  /** As it came in the request. */
  requestId: bigint | undefined
  /** The largest message that is allowed. */
  maxBytes: number
}

const LAST_BYTES = 2
const NO_BYTES = new Uint8Array(0)

/**
 * The frame of a `responseBlock` around an encoded block, or around none.
 * Throws an {@link EncodeError} where the message is over `maxBytes`.
 */
export function encodeBlockResponse (item: Uint8Array | undefined, init: ResponseFrameInit): Uint8Array {
  const items = item == null ? [] : [item]

  return writeItems(beginFrame('responseBlock', sumOf(items), init), items).finish()
}

/**
 * The frame of a `responseBlockRange` around encoded blocks.
 * Throws an {@link EncodeError} where the message is over `maxBytes`.
 */
export function encodeRangeResponse (items: readonly Uint8Array[], { last, ...init }: ResponseFrameInit & { last: boolean }): Uint8Array {
  const writer = beginFrame('responseBlockRange', sumOf(items) + (last ? LAST_BYTES : 0), init)
  writeItems(writer, items)

  return (last ? writer.uint64(LAST_FIELD, 1n) : writer).finish()
}

function sumOf (items: readonly Uint8Array[]): number {
  return items.reduce((sum, { byteLength }) => sum + fieldBytes(byteLength), 0)
}

function beginFrame (type: 'responseBlock' | 'responseBlockRange', bodyBytes: number, { requestId, maxBytes }: ResponseFrameInit): FieldWriter {
  const id = requestId == null ? NO_BYTES : new FieldWriter(MAX_VARINT_FIELD).uint64(REQUEST_ID_FIELD, requestId).finish()
  const bytes = id.byteLength + fieldBytes(bodyBytes)

  if (bytes > maxBytes) {
    throw new EncodeError(`Expected a message of 1 to ${maxBytes} bytes, got ${bytes}`)
  }

  return new FieldWriter(varintBytes(bytes) + bytes).varint(bytes).raw(id).begin(bodyField(type), bodyBytes)
}

function writeItems (writer: FieldWriter, items: readonly Uint8Array[]): FieldWriter {
  for (const item of items) {
    writer.begin(ITEM_FIELD, item.byteLength).raw(item)
  }

  return writer
}

import { Uint8ArrayList } from 'uint8arraylist'
import { bodyField, REQUEST_ID_FIELD } from '../envelope.ts'
import { checkItemSize, ITEM_FIELD, LAST_FIELD } from './items.ts'
import { view } from '../../memory/pool.ts'
import { fieldBytes, FieldWriter, MAX_VARINT_FIELD, varintBytes } from '../wire/writer.ts'
import { EncodeError } from '../../errors.ts'

// The node serves blocks that are encoded already. It copies each once at most, into the frame.

/** Options of a response. */
export interface ResponseFrameInit {
  /** As it came in the request. */
  requestId: bigint | undefined
  /** The largest message. */
  maxBytes: number
}

/**
 * The node sends a block of this size or more without a copy.
 *
 * To encrypt many small pieces costs more than to copy them.
 */
export const MIN_PIECE_BYTES: number = 16 * 1024

const LAST_BYTES = 2
const NO_BYTES = new Uint8Array(0)

/**
 * The frame of a `responseBlock` around an encoded block, or around none.
 * Throws an {@link EncodeError} where the message is over `maxBytes`.
 */
export function encodeBlockResponse (item: Uint8Array | undefined, init: ResponseFrameInit): Uint8Array | Uint8ArrayList {
  return encodeResponse('responseBlock', item == null ? [] : [item], { ...init, last: false })
}

/**
 * The frame of a `responseBlockRange` around encoded blocks. They must not change until it is sent.
 * Throws an {@link EncodeError} where the message is over `maxBytes`.
 */
export function encodeRangeResponse (
  items: readonly Uint8Array[], init: ResponseFrameInit & { last: boolean }
): Uint8Array | Uint8ArrayList {
  return encodeResponse('responseBlockRange', items, init)
}

function encodeResponse (
  type: 'responseBlock' | 'responseBlockRange', items: readonly Uint8Array[], { requestId, maxBytes, last }: ResponseFrameInit & { last: boolean }
): Uint8Array | Uint8ArrayList {
  items.forEach((item) => { checkItemSize(item.byteLength, maxBytes) })
  const id = requestId == null ? NO_BYTES : new FieldWriter(MAX_VARINT_FIELD).uint64(REQUEST_ID_FIELD, requestId).finish()
  const bodyBytes = items.reduce((sum, { byteLength }) => sum + fieldBytes(byteLength), last ? LAST_BYTES : 0)
  const bytes = id.byteLength + fieldBytes(bodyBytes)

  if (bytes > maxBytes) {
    throw new EncodeError(`Expected a message of 1 to ${maxBytes} bytes, got ${bytes}`)
  }

  const pieces = items.filter(isPiece)
  const copied = bytes - pieces.reduce((sum, { byteLength }) => sum + byteLength, 0)
  const writer = new FieldWriter(varintBytes(bytes) + copied).varint(bytes).raw(id).begin(bodyField(type), bodyBytes)
  const cuts: number[] = []

  for (const item of items) {
    writer.begin(ITEM_FIELD, item.byteLength)
    if (isPiece(item)) { cuts.push(writer.length) } else { writer.raw(item) }
  }

  return insert((last ? writer.uint64(LAST_FIELD, 1n) : writer).finish(), pieces, cuts)
}

function isPiece (item: Uint8Array): boolean {
  return item.byteLength >= MIN_PIECE_BYTES
}

/** The bytes with the pieces put in at the cuts. */
function insert (bytes: Uint8Array, pieces: Uint8Array[], cuts: number[]): Uint8Array | Uint8ArrayList {
  if (pieces.length === 0) {
    return bytes
  }

  const list = new Uint8ArrayList()
  let start = 0

  pieces.forEach((piece, index) => {
    list.append(view(bytes, start, cuts[index]!))
    list.append(piece)
    start = cuts[index]!
  })

  // the send queue takes an empty piece for one that the application has transferred
  if (start < bytes.byteLength) {
    list.append(view(bytes, start, bytes.byteLength))
  }

  return list
}

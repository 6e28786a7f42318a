import protobuf from 'protobufjs/minimal.js'
import { view } from './memory.ts'
import { contentStart, readBytes } from './read-bytes.ts'
import { uint64ToBigint, bigintToUint64 } from './uint64.ts'
import { DecodeError, EncodeError } from '../errors.ts'
import type { MessageType } from '../types/message.ts'

/**
 * A message whose body is still bytes: what it is can be told, and its parts taken, without decoding it.
 */
export interface Envelope {
  /** What the body is; `undefined` for a kind that this version does not know. */
  type: MessageType | undefined
  /** 1 to 2^64 - 1, or `undefined` where there is none. */
  requestId: bigint | undefined
  /** The encoded body, a view of the frame. */
  body: Uint8Array
}

const WIRE_VARINT = 0
const WIRE_BYTES = 2

/** The field of the request id in a message. */
export const REQUEST_ID_FIELD = 1

const MAX_REQUEST_ID = 0xffffffffffffffffn
const NO_BODY = new Uint8Array(0)

/** The field of each kind in the `Message` of proto/vibecoin.proto. */
const FIELDS: Record<MessageType, number> = {
  handshake: 2,
  newBlock: 3,
  newTransaction: 4,
  requestBlock: 5,
  responseBlock: 6,
  requestBlockRange: 7,
  responseBlockRange: 8,
  ping: 9,
  pong: 10,
  disconnect: 11,
  have: 12,
  want: 13
}

/** The kind of each field; an array, for it is looked up with every message. */
const TYPES: (MessageType | undefined)[] = []

for (const [type, field] of Object.entries(FIELDS)) {
  TYPES[field] = type as MessageType
}

/** Reads the outermost layer of a frame's body. Throws a {@link DecodeError}, and nothing else. */
export function readEnvelope (bytes: Uint8Array): Envelope {
  const tag = bytes[0]!
  const type = (tag & 7) === WIRE_BYTES ? TYPES[tag >>> 3] : undefined
  const start = type == null ? 0 : contentStart(bytes)

  return start === 0 ? readFields(bytes) : { type, requestId: undefined, body: view(bytes, start, bytes.byteLength) }
}

/** What {@link readEnvelope} does, however the fields are written. */
function readFields (bytes: Uint8Array): Envelope {
  const envelope: Envelope = { type: undefined, requestId: undefined, body: NO_BODY }

  try {
    const reader = protobuf.Reader.create(bytes)

    while (reader.pos < reader.len) {
      readField(reader, envelope)
    }
  } catch (err) {
    throw err instanceof DecodeError ? err : new DecodeError('Could not decode the message', { cause: err })
  }

  return envelope
}

function readField (reader: protobuf.Reader, envelope: Envelope): void {
  const tag = reader.tag()
  const field = tag >>> 3
  const wireType = tag & 7

  if (field === REQUEST_ID_FIELD && wireType === WIRE_VARINT) {
    const id = uint64ToBigint(reader.uint64())
    envelope.requestId = id === 0n ? undefined : id
    return
  }

  const type = wireType === WIRE_BYTES ? TYPES[field] : undefined

  if (type == null) {
    reader.skipType(wireType, 0, field)
    return
  }

  // an encoder writes one body; two of them would mean one thing to a decoder that merges and another to one that does not
  if (envelope.type != null) {
    throw new DecodeError('Expected a message to have one body')
  }

  envelope.type = type
  envelope.body = readBytes(reader)
}

/** The field of a kind of body in a message. */
export function bodyField (type: MessageType): number {
  return FIELDS[type]
}

/** Puts an encoded body into a message. Throws an {@link EncodeError} for a `requestId` that is no uint64. */
export function writeEnvelope (type: MessageType, body: Uint8Array, requestId?: bigint): Uint8Array {
  if (requestId != null && (typeof requestId !== 'bigint' || requestId < 0n || requestId > MAX_REQUEST_ID)) {
    throw new EncodeError('Expected `requestId` to be a bigint from 0 to 2^64 - 1')
  }

  const writer = protobuf.Writer.create()

  if (requestId != null && requestId !== 0n) {
    writer.uint32(REQUEST_ID_FIELD << 3 | WIRE_VARINT).uint64(bigintToUint64(requestId))
  }

  return writer.uint32(FIELDS[type] << 3 | WIRE_BYTES).bytes(body).finish()
}

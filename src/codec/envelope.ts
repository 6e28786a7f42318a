import protobuf from 'protobufjs/minimal.js'
import { contentStart } from './wire/content-start.ts'
import { view } from '../memory/pool.ts'
import { scan } from './wire/scan.ts'
import { BODY_FIELDS, envelopeOf } from './wire/schema.ts'
import { bigintToUint64 } from './wire/uint64.ts'
import { WIRE } from './wire/reader.ts'
import { EncodeError } from '../errors.ts'
import { FEATURES } from '../types/features.ts'
import type { MessageSchema } from './wire/schema.ts'
import type { Feature } from '../types/features.ts'
import type { MessageType } from '../types/message.ts'

/**
 * A message whose body is still bytes. Its kind and its items can be read without decoding it.
 */
export interface Envelope {
  /** What the body is; `undefined` for a kind that this version does not know. */
  type: MessageType | undefined
  /** 1 to 2^64 - 1, or `undefined` where there is none. */
  requestId: bigint | undefined
  /** The encoded body, a view of the frame. */
  body: Uint8Array
}

/** The field of the request id in a message. */
export const REQUEST_ID_FIELD = 1

const MAX_REQUEST_ID = 0xffffffffffffffffn
const NO_BODY = new Uint8Array(0)

/** Tags below this have one byte. */
const LONG_TAG = 0x80

/** The kinds of bodies that a session knows. A body of a feature that it does not use is an unknown field to it. */
export interface KnownBodies {
  /** The kind of each field. An array: every message needs it. */
  readonly types: readonly (MessageType | undefined)[]
  /** What is outermost in a frame. */
  readonly schema: MessageSchema
  /** The features. All sessions with the same ones share the list. */
  readonly features: readonly Feature[]
}

const known = new Map<string, KnownBodies>()

/** What a session knows without features. */
const WITHOUT_FEATURES: KnownBodies = knownBodies([])

const ALL_TYPES: KnownBodies['types'] = knownBodies(FEATURES).types

/** The kinds of bodies that a session with these features knows. */
export function knownBodies (features: readonly Feature[]): KnownBodies {
  const key = features.join()
  const bodies = known.get(key) ?? createKnown([...features])
  known.set(key, bodies)

  return bodies
}

function createKnown (features: readonly Feature[]): KnownBodies {
  const schema = envelopeOf(features)
  const types = schema.fields.map((field) => field?.kind === 'body' ? typeNamed(field.number) : undefined)

  return { types, schema, features }
}

function typeNamed (number: number): MessageType | undefined {
  return (Object.keys(BODY_FIELDS) as MessageType[]).find((type) => BODY_FIELDS[type] === number)
}

/**
 * Reads the outermost layer of a frame's body, in a session that knows these bodies: without features where they are left out. Throws a
 * {@link DecodeError}, and nothing else.
 */
export function readEnvelope (bytes: Uint8Array, bodies: KnownBodies = WITHOUT_FEATURES): Envelope {
  const tag = bytes[0]!
  const type = (tag & 7) === WIRE.bytes && tag < LONG_TAG ? bodies.types[tag >>> 3] : undefined
  const start = type == null ? 0 : contentStart(bytes)

  return start === 0 ? readFields(bytes, bodies) : { type, requestId: undefined, body: view(bytes, start, bytes.byteLength) }
}

/** {@link readEnvelope} for any form of the fields. */
function readFields (bytes: Uint8Array, { types, schema }: KnownBodies): Envelope {
  const found = scan(bytes, schema)
  const id = found.bigint(REQUEST_ID_FIELD)

  return {
    type: types[found.body],
    requestId: id === 0n ? undefined : id,
    body: found.body === 0 ? NO_BODY : found.bytes(found.body)
  }
}

/** The kind of body that a field of a message is, of any feature; `undefined` for a field that this version does not know. */
export function typeOfField (field: number): MessageType | undefined {
  return ALL_TYPES[field]
}

/** The field of a kind of body in a message. */
export function bodyField (type: MessageType): number {
  return BODY_FIELDS[type]
}

/** Puts an encoded body into a message. Throws an {@link EncodeError} for a `requestId` that is no uint64. */
export function writeEnvelope (type: MessageType, body: Uint8Array, requestId?: bigint): Uint8Array {
  if (requestId != null && (typeof requestId !== 'bigint' || requestId < 0n || requestId > MAX_REQUEST_ID)) {
    throw new EncodeError('Expected `requestId` to be a bigint from 0 to 2^64 - 1')
  }

  const writer = protobuf.Writer.create()

  if (requestId != null && requestId !== 0n) {
    writer.uint32(REQUEST_ID_FIELD << 3 | WIRE.varint).uint64(bigintToUint64(requestId))
  }

  return writer.uint32(BODY_FIELDS[type] << 3 | WIRE.bytes).bytes(body).finish()
}

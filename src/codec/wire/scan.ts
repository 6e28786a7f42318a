import { HASH_BYTES } from '../limits.ts'
import { view } from '../../memory/pool.ts'
import { checkIndexes } from './indexes.ts'
import { toBigint, toFixed32, toNumber, WIRE, WireReader } from './reader.ts'
import { broken } from './rule.ts'
import { ENVELOPE } from './schema.ts'
import type { FieldRule, MessageSchema } from './schema.ts'

// The node scans every message before it makes anything of it. It reads later what was checked here, and uses no other decoder: one might
// be laxer.

const MAX_UINT32 = 0xffffffff
const MAX_INT32 = 0x7fffffff
const MIN_NEGATIVE_INT32 = 2n ** 64n - 2n ** 31n
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const WIRE_TYPES: ReadonlySet<number> = new Set([WIRE.varint, WIRE.fixed64, WIRE.bytes, WIRE.fixed32])

const NO_BYTES = new Uint8Array(0)

/** The locations of as many fields as any message has, all absent. To copy this is quicker than to fill an array. */
const ABSENT: readonly number[] = Array.from({ length: 2 * ENVELOPE.fields.length }, () => 0)

const NOTHING: readonly number[] = []

/** The locations of the values in a message that was scanned. */
export class Found {
  /** The number of the body, or 0. */
  body = 0
  readonly #bytes: Uint8Array
  /** Start and end of each field that is not repeated, by twice its number; 0 where it is absent. */
  readonly #locations: number[]
  /** Starts and ends of those of the field that is repeated; no message has two such fields. */
  #repeated: number[] | undefined

  constructor (bytes: Uint8Array, { fields }: MessageSchema) {
    this.#bytes = bytes
    this.#locations = ABSENT.slice(0, 2 * fields.length)
  }

  /** How many values the repeated field has. */
  get count (): number {
    return (this.#repeated?.length ?? 0) / 2
  }

  /** Takes note of a value that was checked. Throws where it is one too many. */
  add (field: FieldRule, start: number, end: number): void {
    const { number } = field

    if (field.isRepeated) {
      this.#repeated ??= []
      this.#repeated.push(start, end)

      if (this.count > field.maxCount) {
        broken('count', `Expected at most ${field.maxCount} \`${field.name}\``)
      }

      return
    }

    if (field.kind === 'body') {
      this.#setBody(number)
    }

    if ((field.kind === 'part' || field.kind === 'indexes') && this.has(number)) {
      broken('once', `Expected one \`${field.name}\``)
    }

    this.#locations[2 * number] = start
    this.#locations[2 * number + 1] = end
  }

  has (number: number): boolean {
    return this.#locations[2 * number] !== 0
  }

  /** A number of at most 2^53 - 1; 0 where it is absent. */
  number (number: number): number {
    return toNumber(this.#bytes, this.#locations[2 * number]!, this.#locations[2 * number + 1]!)
  }

  bigint (number: number): bigint {
    return toBigint(this.#bytes, this.#locations[2 * number]!, this.#locations[2 * number + 1]!)
  }

  /** A number of exactly four bytes; 0 where it is absent. */
  fixed32 (number: number): number {
    return toFixed32(this.#bytes, this.#locations[2 * number]!, this.#locations[2 * number + 1]!)
  }

  /** A view; nothing where the field is absent. */
  bytes (number: number): Uint8Array {
    const start = this.#locations[2 * number]!
    const end = this.#locations[2 * number + 1]!

    return start === end ? NO_BYTES : view(this.#bytes, start, end)
  }

  text (number: number): string {
    return utf8.decode(this.bytes(number))
  }

  /** Views of the values of the repeated field. */
  repeated (): Uint8Array[] {
    const values: Uint8Array[] = []

    const locations = this.#repeated ?? NOTHING

    for (let at = 0; at < locations.length; at += 2) {
      values.push(view(this.#bytes, locations[at]!, locations[at + 1]!))
    }

    return values
  }

  #setBody (number: number): void {
    // a decoder that merges would see one of them, and a decoder that does not the other
    if (this.body !== 0) {
      broken('once', 'Expected a message to have one body')
    }

    this.body = number
  }
}

/** Checks all of a message, and finds its values. Throws a DecodeError that names the rule that it breaks. */
export function scan (bytes: Uint8Array, schema: MessageSchema): Found {
  const found = new Found(bytes, schema)
  scanFields(new WireReader(bytes), schema, found)

  return found
}

function scanFields (reader: WireReader, schema: MessageSchema, found: Found | undefined): void {
  const { fields, required } = schema
  let seen = 0

  while (reader.at < reader.end) {
    const tag = reader.tag()
    const number = tag >>> 3
    const field = number < fields.length ? fields[number] : undefined

    if (field == null) {
      reader.skip(tag & 7)
      continue
    }

    if ((tag & 7) !== field.wireType) {
      refuseType(field, tag & 7)
    }

    if (field.schema != null) {
      scanMessages(reader, field, tag)
    } else if (field.wireType === WIRE.varint) {
      const start = reader.at
      checkNumber(field, reader)
      found?.add(field, start, reader.at)
    } else if (field.wireType === WIRE.bytes) {
      const length = reader.length()
      const start = reader.at
      reader.at += length
      checkBytes(field, reader, start)
      found?.add(field, start, reader.at)
    } else {
      const start = reader.at
      reader.skip(WIRE.fixed32)
      found?.add(field, start, reader.at)
    }

    seen |= 1 << number
  }

  if ((seen & required) !== required) {
    refuseAbsence(schema, seen)
  }
}

/** Scans a message, and those that come one after the other behind it. The tag before the first has one byte. */
function scanMessages (reader: WireReader, field: FieldRule, tag: number): void {
  const { bytes, end } = reader
  const schema = field.schema!
  reader.at--

  while (reader.at < end && bytes[reader.at] === tag) {
    const at = schema.passPlain?.(bytes, reader.at, end) ?? reader.at

    if (at > reader.at) {
      reader.at = at
      continue
    }

    reader.at = at + 1
    const length = reader.length()
    const next = reader.at + length

    if (length < field.minBytes) {
      refuseSize(field, length)
    }

    reader.end = next
    scanFields(reader, schema, undefined)
    reader.end = end
  }
}

function checkNumber (field: FieldRule, reader: WireReader): void {
  const start = reader.at
  const value = reader.varint()

  switch (field.kind) {
    case 'safe':
      if (value > Number.MAX_SAFE_INTEGER) { broken('safe-integer', `Expected \`${field.name}\` to be at most 2^53 - 1`) }
      break
    case 'uint32':
      if (value > MAX_UINT32) { broken('width', `Expected \`${field.name}\` to be at most 2^32 - 1`) }
      break
    case 'bool':
      if (value > 1) { broken('width', `Expected \`${field.name}\` to be 0 or 1`) }
      break
    case 'enum':
      if (value > MAX_INT32 && toBigint(reader.bytes, start, reader.at) < MIN_NEGATIVE_INT32) {
        broken('width', `Expected \`${field.name}\` to be from -2^31 to 2^31 - 1`)
      }
  }
}

function checkBytes (field: FieldRule, { bytes, at: end }: WireReader, start: number): void {
  const length = end - start

  if (field.kind === 'hash') {
    if (length !== HASH_BYTES) { broken('hash', `Expected \`${field.name}\` to be ${HASH_BYTES} bytes long, got ${length}`) }
    return
  }

  if (field.kind === 'text' && !isText(bytes, start, end)) {
    broken('text', `Expected \`${field.name}\` to be valid UTF-8`)
  }

  if (field.kind === 'indexes') {
    checkIndexes(field.name, new WireReader(bytes, start, end))
  }

  if (length % field.unitBytes !== 0) {
    broken('hash', `Expected \`${field.name}\` to be a multiple of ${field.unitBytes} bytes long, got ${length}`)
  }

  if (length < field.minBytes || length > field.maxBytes) {
    refuseSize(field, length)
  }
}

function isText (bytes: Uint8Array, start: number, end: number): boolean {
  try {
    utf8.decode(view(bytes, start, end))

    return true
  } catch {
    return false
  }
}

function refuseType ({ name, wireType }: FieldRule, got: number): never {
  broken(WIRE_TYPES.has(got) ? 'known-type' : 'wire-type', `Expected \`${name}\` to be of wire type ${wireType}, got wire type ${got}`)
}

function refuseSize ({ name, minBytes, maxBytes }: FieldRule, length: number): never {
  if (length < minBytes) {
    broken('required', `Expected \`${name}\` to be at least ${minBytes} bytes long, got ${length}`)
  }

  broken('size', `Expected \`${name}\` to be at most ${maxBytes} bytes long, got ${length}`)
}

function refuseAbsence ({ fields, name }: MessageSchema, seen: number): never {
  const absent = fields.find((field, number) => field?.isRequired === true && (seen & 1 << number) === 0)

  broken('required', `Expected a ${name} with \`${absent!.name}\``)
}

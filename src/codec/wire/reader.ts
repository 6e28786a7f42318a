import { broken } from './rule.ts'

/** A tag, and the length of a field, take no more bytes. */
const MAX_TAG_BYTES = 5
const MAX_VARINT_BYTES = 10

/** Numbers hold this many groups of 7 bits exactly, and what the next group counts. */
const EXACT_BYTES = 7
const NEXT_UNIT = 2 ** (7 * EXACT_BYTES)

/** Numbers below this have 32 bits. */
const WORD = 2 ** 32

const MAX_UINT32 = 0xffffffff
const MIN_TAG = 1 << 3

/** The wire types: how a field is written. */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const

/**
 * Reads the parts of an encoded message one after the other, as docs/protocol.md has them and in no other form.
 * Throws a DecodeError that names the rule.
 */
export class WireReader {
  readonly bytes: Uint8Array
  /** Where it is, and where what it reads ends. */
  at: number
  end: number

  constructor (bytes: Uint8Array, start = 0, end: number = bytes.byteLength) {
    this.bytes = bytes
    this.at = start
    this.end = end
  }

  /** The number of a field, times 8, and its wire type. */
  tag (): number {
    const first = this.bytes[this.at]!

    if (first >= MIN_TAG && first < 0x80) {
      this.at++
      return first
    }

    const tag = this.#prefix('tag')

    if (tag < MIN_TAG || tag > MAX_UINT32) {
      broken('tag', 'Expected a tag with a field number from 1 to 2^29 - 1')
    }

    // there are decoders that look a tag up by its bytes: to them it is another field
    if (this.bytes[this.at - 1] === 0) {
      broken('tag', 'Expected the shortest form of a tag')
    }

    return tag
  }

  /** The length of what comes next, all of which is there. */
  length (): number {
    const { bytes, at, end } = this
    const first = at < end ? bytes[at]! : 0x80

    if (first < 0x80 && first < end - at) {
      this.at = at + 1
      return first
    }

    const length = this.#prefix('length')

    if (length > end - this.at) {
      broken('end', `Expected a field within its message: index out of range, ${this.at} + ${length} > ${end}`)
    }

    return length
  }

  /** A varint of at most 64 bits, rounded where it is over 2^53 - 1. */
  varint (): number {
    const { bytes, at: start, end } = this
    const first = start < end ? bytes[start]! : 0x80

    if (first < 0x80) {
      this.at = start + 1
      return first
    }

    let value = 0

    for (let at = start, unit = 1; at < end; at++, unit *= 0x80) {
      const byte = bytes[at]!
      value += (byte & 0x7f) * unit

      // the tenth byte has one of 64 bits
      if (byte > 1 && at - start === MAX_VARINT_BYTES - 1) {
        broken('varint', 'Expected a varint of at most 64 bits')
      }

      if (byte < 0x80) {
        this.at = at + 1
        return value
      }
    }

    return broken('end', 'Expected a varint to end within its message: index out of range')
  }

  /** Passes the value of a field that is not known. */
  skip (wireType: number): void {
    switch (wireType) {
      case WIRE.varint: this.varint(); break
      case WIRE.fixed64: this.#pass(8); break
      case WIRE.bytes: this.#pass(this.length()); break
      case WIRE.fixed32: this.#pass(4); break
      default: broken('wire-type', `Expected wire type 0, 1, 2 or 5, got wire type ${wireType}`)
    }
  }

  #pass (bytes: number): void {
    if (bytes > this.end - this.at) {
      broken('end', 'Expected a field within its message: index out of range')
    }

    this.at += bytes
  }

  /** A varint of at most five bytes. */
  #prefix (rule: 'tag' | 'length'): number {
    const { bytes, end, at: start } = this
    let value = 0

    for (let at = start, unit = 1; at < end; at++, unit *= 0x80) {
      const byte = bytes[at]!
      value += (byte & 0x7f) * unit

      if (byte < 0x80) {
        this.at = at + 1
        return value
      }

      if (at - start === MAX_TAG_BYTES - 1) {
        broken(rule, `Expected a ${rule} of at most ${MAX_TAG_BYTES} bytes`)
      }
    }

    return broken('end', `Expected a ${rule} to end within its message: index out of range`)
  }
}

/** The varint from `start` to `end`, which is at most 2^53 - 1. */
export function toNumber (bytes: Uint8Array, start: number, end: number): number {
  let value = 0

  for (let at = end - 1; at >= start; at--) {
    value = value * 0x80 + (bytes[at]! & 0x7f)
  }

  return value
}

/** What {@link toBigint} reads a number of up to 49 bits back from: that takes less time than `BigInt`. */
const integer = new DataView(new ArrayBuffer(8))

/** The varint from `start` to `end`, which is at most 2^64 - 1. Most values are small, and numbers are quicker. */
export function toBigint (bytes: Uint8Array, start: number, end: number): bigint {
  if (end - start <= EXACT_BYTES) {
    const value = toNumber(bytes, start, end)
    integer.setUint32(0, value, true)
    integer.setUint32(4, value / WORD, true)

    return integer.getBigUint64(0, true)
  }

  const low = toNumber(bytes, start, start + EXACT_BYTES)
  const high = toNumber(bytes, start + EXACT_BYTES, end)

  return BigInt(high) * BigInt(NEXT_UNIT) + BigInt(low)
}

/** The four bytes from `start` to `end`, the lowest first; 0 where there are none. */
export function toFixed32 (bytes: Uint8Array, start: number, end: number): number {
  let value = 0

  for (let at = end - 1; at >= start; at--) {
    value = value * 0x100 + bytes[at]!
  }

  return value
}

import { cut, written } from '../../memory/pool.ts'

/** As long as any varint of 64 bits. */
const MAX_VARINT_BYTES = 10

const VARINT = 0
const BYTES = 2

/** How many bytes an integer from 0 to 2^53 - 1 takes. */
export function varintBytes (value: number): number {
  let bytes = 1

  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) {
    bytes++
  }

  return bytes
}

/** How many bytes a field of this many bytes takes. */
export function fieldBytes (length: number): number {
  return 1 + varintBytes(length) + length
}

/** At most how many bytes a field with an integer takes. */
export const MAX_VARINT_FIELD: number = 1 + MAX_VARINT_BYTES

/**
 * Writes protobuf fields, numbered 1 to 15, into memory that is large enough from the start. The writer of protobufjs makes an object
 * for each value, which takes longer than to write it.
 */
export class FieldWriter {
  readonly #bytes: Uint8Array
  readonly #memory: ArrayBufferLike
  #start: number
  #at: number

  /** `headroom` is the room in front for `wrap` and `prefix`. */
  constructor (maxBytes: number, headroom = 0) {
    this.#bytes = written.allocate(headroom + maxBytes)
    this.#memory = this.#bytes.buffer
    this.#start = headroom
    this.#at = headroom
  }

  /** How many bytes were written. */
  get length (): number {
    return this.#at - this.#start
  }

  /** Writes a varint without a tag. `value` is an integer from 0 to 2^53 - 1. */
  varint (value: number): this {
    const bytes = this.#bytes
    let at = this.#at
    let rest = value

    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) {
      bytes[at++] = (rest % 0x80) | 0x80
    }

    bytes[at] = rest
    this.#at = at + 1

    return this
  }

  /** Writes bytes as they are. */
  raw (value: Uint8Array): this {
    this.#bytes.set(value, this.#at)
    this.#at += value.byteLength

    return this
  }

  /** Writes the tag and the length of a field whose content is written next. */
  begin (field: number, length: number): this {
    this.#bytes[this.#at++] = field << 3 | BYTES

    return this.varint(length)
  }

  /** Writes a field of bytes, unless it is empty. */
  bytes (field: number, value: Uint8Array): this {
    const length = value.byteLength

    if (length === 0) {
      return this
    }

    this.#bytes[this.#at++] = field << 3 | BYTES
    this.varint(length)
    this.#bytes.set(value, this.#at)
    this.#at += length

    return this
  }

  /** Writes a field with an integer from 0 to 2^64 - 1, unless it is 0. */
  uint64 (field: number, value: bigint): this {
    const number = Number(value)

    if (number === 0) {
      return this
    }

    this.#bytes[this.#at++] = field << 3 | VARINT

    // numbers are quicker, and most values are small
    return Number.isSafeInteger(number) ? this.varint(number) : this.#largeVarint(value)
  }

  /** Makes what was written the content of a field. */
  wrap (field: number): this {
    this.prefix()
    this.#bytes[--this.#start] = field << 3 | BYTES

    return this
  }

  /** Puts the length of what was written in front of it. */
  prefix (): this {
    const end = this.#at
    const length = end - this.#start
    this.#start -= varintBytes(length)
    this.#at = this.#start
    this.varint(length)
    this.#at = end

    return this
  }

  #largeVarint (value: bigint): this {
    for (let rest = value; ; rest >>= 7n) {
      if (rest <= 0x7fn) {
        return this.varint(Number(rest))
      }

      this.#bytes[this.#at++] = Number(rest & 0x7fn) | 0x80
    }
  }

  /** What was written. */
  finish (): Uint8Array {
    const { byteOffset } = this.#bytes

    return cut(this.#memory, byteOffset + this.#start, byteOffset + this.#at)
  }
}

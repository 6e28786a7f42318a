import { HASH_BYTES } from '../limits.ts'
import { cut } from '../../memory/pool.ts'
import { toBigint } from './reader.ts'
import type { Transaction } from '../../types/block.ts'

// Encoders write the fields of a transaction in the same form, the plain one. What is in it is valid, and is read in a fifth less time
// than by the code for every valid form. The tests compare the two. It is in wire/ because scan.ts checks transactions by it.

const HASH_FIELD_BYTES = 2 + HASH_BYTES

/** The three hashes, which come first. */
const HASHES_BYTES: number = 3 * HASH_FIELD_BYTES

const MAX_VARINT_BYTES = 10

/** What a length of two bytes can say. */
const MAX_SHORT_BYTES = (1 << 14) - 1
const MAX_SHORT_LENGTH_BYTES = 2

/** From one field to the next. */
const NEXT_TAG = 1 << 3

/** The value, the nonce, the price and the limit of gas. */
const FIRST_INTEGER_TAG: number = 4 << 3
const LAST_INTEGER_TAG: number = 7 << 3

const DATA_TAG: number = 8 << 3 | 2
const SIGNATURE_TAG: number = 9 << 3 | 2

/** A length of 28 bits is more than any frame has. */
const MAX_LENGTH_SHIFT = 21

const NO_BYTES = new Uint8Array(0)

/**
 * Whether a transaction is valid, and its fields are written as every encoder writes them: in the order of their numbers, each once at
 * most, the lengths in at most two bytes. `start` and `end` are within `bytes`.
 */
export function isPlain (bytes: Uint8Array, start: number, end: number): boolean {
  let at = start + HASHES_BYTES

  if (!areHashes(bytes, start, end)) {
    return false
  }

  // written out: with a call for each field it takes half as long again
  for (let tag = FIRST_INTEGER_TAG; tag <= LAST_INTEGER_TAG; tag += NEXT_TAG) {
    if (at < end && bytes[at] === tag) {
      const tenth = at + MAX_VARINT_BYTES
      do { at++ } while (bytes[at]! >= 0x80 && at < tenth)

      // the tenth byte has one of 64 bits
      if (at === tenth && bytes[at]! > 1) {
        return false
      }

      at++
    }
  }

  for (let tag = DATA_TAG; tag <= SIGNATURE_TAG; tag += NEXT_TAG) {
    if (at < end && bytes[at] === tag) {
      const low = bytes[at + 1]!
      const isLong = low >= 0x80
      const length = isLong ? low & 0x7f | bytes[at + 2]! << 7 : low

      if (length > MAX_SHORT_BYTES) {
        return false
      }

      at += (isLong ? 3 : 2) + length
    }
  }

  return at === end
}

/**
 * Passes the transactions of a block that {@link isPlain}, one after the other; at `start` is the tag of the first. Returns the tag of
 * the first one that is not, or where something else begins: `end` where nothing does.
 */
export function passPlain (bytes: Uint8Array, start: number, end: number): number {
  const tag = bytes[start]
  let at = start

  while (at + MAX_SHORT_LENGTH_BYTES < end && bytes[at] === tag) {
    const low = bytes[at + 1]!
    const isLong = low >= 0x80
    const first = isLong ? at + 3 : at + 2
    const next = first + (isLong ? low & 0x7f | bytes[at + 2]! << 7 : low)

    // the second byte of a length of three counts too: what it gives is longer than any that is short
    if (next - first > MAX_SHORT_BYTES || next > end || !isPlain(bytes, first, next)) {
      return at
    }

    at = next
  }

  return at
}

/** Reads a transaction that {@link isPlain}. What is bytes in it is a view. */
export function readPlain (bytes: Uint8Array, start: number, end: number): Transaction {
  const { buffer, byteOffset } = bytes
  const transaction: Transaction = {
    id: readHash(buffer, byteOffset + start),
    sender: readHash(buffer, byteOffset + start + HASH_FIELD_BYTES),
    recipient: readHash(buffer, byteOffset + start + 2 * HASH_FIELD_BYTES),
    value: 0n,
    nonce: 0n,
    gasPrice: 0n,
    gasLimit: 0n,
    data: NO_BYTES,
    signature: NO_BYTES
  }

  for (let at = start + HASHES_BYTES, next = 0; at < end; at = next) {
    // an integer, or the length of what is bytes
    const middle = skipVarint(bytes, at + 1, end)
    const isInteger = (bytes[at]! & 7) === 0
    next = isInteger ? middle : skipBytes(bytes, at + 1, end)

    switch (bytes[at]) {
      case 4 << 3: transaction.value = toBigint(bytes, at + 1, middle); break
      case 5 << 3: transaction.nonce = toBigint(bytes, at + 1, middle); break
      case 6 << 3: transaction.gasPrice = toBigint(bytes, at + 1, middle); break
      case 7 << 3: transaction.gasLimit = toBigint(bytes, at + 1, middle); break
      case 8 << 3 | 2: transaction.data = cut(buffer, byteOffset + middle, byteOffset + next); break
      default: transaction.signature = cut(buffer, byteOffset + middle, byteOffset + next)
    }
  }

  return transaction
}

function readHash (memory: ArrayBufferLike, at: number): Uint8Array {
  return cut(memory, at + 2, at + HASH_FIELD_BYTES)
}

function areHashes (bytes: Uint8Array, at: number, end: number): boolean {
  return at + HASHES_BYTES <= end && bytes[at] === (1 << 3 | 2) && bytes[at + 1] === HASH_BYTES &&
    bytes[at + HASH_FIELD_BYTES] === (2 << 3 | 2) && bytes[at + HASH_FIELD_BYTES + 1] === HASH_BYTES &&
    bytes[at + 2 * HASH_FIELD_BYTES] === (3 << 3 | 2) && bytes[at + 2 * HASH_FIELD_BYTES + 1] === HASH_BYTES
}

/** Where the varint at `start` ends; above `end` where that is not before it, or it has more than 64 bits. */
function skipVarint (bytes: Uint8Array, start: number, end: number): number {
  const tenth = start + MAX_VARINT_BYTES - 1
  const last = Math.min(end, tenth)

  for (let at = start; at < last; at++) {
    if (bytes[at]! < 0x80) {
      return at + 1
    }
  }

  if (tenth < end && bytes[tenth]! <= 1) {
    return tenth + 1
  }

  return end + 1
}

/** Where the bytes whose length is at `start` end; above `end` where that is not before it. */
function skipBytes (bytes: Uint8Array, start: number, end: number): number {
  let length = 0

  for (let at = start, shift = 0; at < end && shift <= MAX_LENGTH_SHIFT; at++, shift += 7) {
    const byte = bytes[at]!
    length |= (byte & 0x7f) << shift

    if (byte < 0x80) {
      return at + 1 + length
    }
  }

  return end + 1
}

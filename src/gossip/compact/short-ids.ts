import { SHORT_ID_BYTES } from '../../codec/limits.ts'
import type { SipHash } from './siphash.ts'

const NONE = -1

/** Places of the table for each id. */
const PLACES = 2

/** Numbers that a node draws, and no peer knows. */
export type TableSecret = readonly [low: number, high: number]

/**
 * The short ids of a block, each with its number among them. The peer has chosen them: which place of the table an id has depends on a
 * secret, so none can choose ids that all fall into one.
 */
export class ShortIdTable {
  readonly #lows: Uint32Array
  readonly #highs: Uint16Array
  /** The number of the first id of each place, and of the next one of the same place, each plus one. 0 is none. */
  readonly #first: Int32Array
  readonly #next: Int32Array
  /** 1 for each id that others are equal to. */
  readonly #isRepeated: Uint8Array
  readonly #shift: number
  readonly #secret: TableSecret

  constructor (shortIds: Uint8Array, secret: TableSecret) {
    const count = shortIds.byteLength / SHORT_ID_BYTES
    const bits = Math.ceil(Math.log2(Math.max(PLACES, count * PLACES)))
    this.#lows = new Uint32Array(count)
    this.#highs = new Uint16Array(count)
    this.#next = new Int32Array(count)
    this.#isRepeated = new Uint8Array(count)
    this.#first = new Int32Array(2 ** bits)
    this.#shift = 32 - bits
    this.#secret = secret

    for (let number = 0, at = 0; number < count; number++, at += SHORT_ID_BYTES) {
      const low = (shortIds[at]! | shortIds[at + 1]! << 8 | shortIds[at + 2]! << 16 | shortIds[at + 3]! << 24) >>> 0
      this.#add(number, low, shortIds[at + 4]! | shortIds[at + 5]! << 8)
    }
  }

  /** The number of the id that a hash gives; -1 where there is none, or more than one. */
  find ({ low, high }: SipHash): number {
    const number = this.#find(this.#placeOf(low, high), low, high)

    return number === NONE || this.#isRepeated[number] === 1 ? NONE : number
  }

  #add (number: number, low: number, high: number): void {
    const place = this.#placeOf(low, high)
    const same = this.#find(place, low, high)

    if (same !== NONE) {
      this.#isRepeated[same] = 1
      return
    }

    this.#lows[number] = low
    this.#highs[number] = high
    this.#next[number] = this.#first[place]!
    this.#first[place] = number + 1
  }

  #find (place: number, low: number, high: number): number {
    let number = this.#first[place]! - 1

    while (number !== NONE && (this.#lows[number] !== low || this.#highs[number] !== high)) {
      number = this.#next[number]! - 1
    }

    return number
  }

  #placeOf (low: number, high: number): number {
    return (Math.imul(low, this.#secret[0] | 1) + Math.imul(high, this.#secret[1] | 1) | 0) >>> this.#shift
  }
}

/** Writes the short id that a hash gives as the one of this number. */
export function writeShortId (shortIds: Uint8Array, number: number, { low, high }: SipHash): void {
  const at = number * SHORT_ID_BYTES
  shortIds[at] = low
  shortIds[at + 1] = low >>> 8
  shortIds[at + 2] = low >>> 16
  shortIds[at + 3] = low >>> 24
  shortIds[at + 4] = high
  shortIds[at + 5] = high >>> 8
}

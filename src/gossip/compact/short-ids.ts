import { SHORT_ID_BYTES } from '../../codec/limits.ts'
import type { SipHash } from './siphash.ts'

/** Half of an id in one number. */
const HIGH_UNIT = 2 ** 32

/** The lowest 16 bits of an id. */
const LOWEST = 0xffff

const NONE = -1
const SEVERAL = -2

/**
 * The short ids of a block, each with its number among them. They are sorted, and no hash table: the peer has chosen them, and could
 * choose such that all fall into one place of it.
 */
export class ShortIdTable {
  readonly #sorted: Float64Array
  /** By the place in the order: the number of the id, or SEVERAL. */
  readonly #numbers: Int32Array
  /** Whether any id has these lowest bits: most transactions have none of them. */
  readonly #lowest = new Uint8Array(LOWEST + 1)

  constructor (shortIds: Uint8Array) {
    const ids = Float64Array.from({ length: shortIds.byteLength / SHORT_ID_BYTES }, (_, number) => readShortId(shortIds, number))
    this.#sorted = ids.slice().sort()
    this.#numbers = new Int32Array(ids.length).fill(NONE)

    ids.forEach((id, number) => {
      const place = this.#placeOf(id)
      this.#numbers[place] = this.#numbers[place] === NONE ? number : SEVERAL
      this.#lowest[id % (LOWEST + 1)] = 1
    })
  }

  /** The number of the id that a hash gives; -1 where there is none, or more than one. */
  find ({ low, high }: SipHash): number {
    if (this.#lowest[low & LOWEST] === 0) {
      return NONE
    }

    const id = high * HIGH_UNIT + low
    const place = this.#placeOf(id)

    return this.#sorted[place] === id ? Math.max(NONE, this.#numbers[place]!) : NONE
  }

  /** The first place that does not come before an id. */
  #placeOf (id: number): number {
    let start = 0
    let end = this.#sorted.length

    while (start < end) {
      const middle = (start + end) >>> 1

      if (this.#sorted[middle]! < id) {
        start = middle + 1
      } else {
        end = middle
      }
    }

    return start
  }
}

function readShortId (shortIds: Uint8Array, number: number): number {
  const at = number * SHORT_ID_BYTES
  const low = (shortIds[at]! | shortIds[at + 1]! << 8 | shortIds[at + 2]! << 16 | shortIds[at + 3]! << 24) >>> 0

  return (shortIds[at + 4]! | shortIds[at + 5]! << 8) * HIGH_UNIT + low
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

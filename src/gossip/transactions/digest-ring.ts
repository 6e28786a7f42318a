import type { Chance } from '../../util/chance.ts'

/** A digest is told from others by its first 128 bits, as in a short digest. */
const WORDS = 4

/** Places of the table for each digest. */
const PLACES = 2

/** So many places, and half as many slots, are numbered in 16 bits. The less memory the table has, the less often it is waited for. */
const MAX_SHORT_PLACES: number = 2 ** 16

type Numbers = Uint16Array | Uint32Array

/**
 * The latest digests, each in a slot, in the order in which they came. The oldest goes first.
 *
 * The slots are used in turn. A map would be in that order too, but to find its oldest entry it looks at all places of those that were
 * deleted lately: thousands, where it has thousands of entries. Whichever place of the table a digest has depends on a secret, so no peer
 * can create digests that share one.
 */
export class DigestRing {
  readonly #slots: number
  readonly #keys: (string | undefined)[]
  /** The first word of each digest. */
  readonly #tags: Int32Array
  /** The slot of each place of the table, and the next slot of the same place, each plus one. 0 is none. */
  readonly #first: Numbers
  readonly #next: Numbers
  /** The place of the digest in each slot. */
  readonly #places: Numbers
  readonly #shift: number
  readonly #secret: Uint32Array
  #oldest = 0
  #size = 0
  /** The last key that was looked for, with its tag and its place: a digest that is not found is added next. */
  #key = ''
  #tag = 0
  #place = 0

  /** `slots` is how many digests it has at most. */
  constructor (slots: number, chance: Chance) {
    const places = 2 ** Math.ceil(Math.log2(Math.max(PLACES, slots * PLACES)))
    this.#slots = slots
    this.#keys = []
    this.#tags = new Int32Array(slots)
    const Numbers = places <= MAX_SHORT_PLACES ? Uint16Array : Uint32Array
    this.#first = new Numbers(places)
    this.#next = new Numbers(slots)
    this.#places = new Numbers(slots)
    this.#shift = 32 - Math.log2(places)
    this.#secret = chance.fill(new Uint32Array(WORDS))
  }

  get size (): number { return this.#size }

  /** The slot of the oldest digest, where there is any. */
  get oldest (): number { return this.#oldest }

  /** The slot of the digest that has come so many before the newest. */
  slotAt (age: number): number { return (this.#oldest + this.#size - 1 - age) % this.#slots }

  /** The key of the digest in a slot, whole. */
  keyOf (slot: number): string { return this.#keys[slot]! }

  /** The slot of a digest, or of a short one, by its key; `undefined` where there is none. */
  find (key: string): number | undefined {
    this.#lookFor(key)

    for (let next = this.#first[this.#place]!; next !== 0; next = this.#next[next - 1]!) {
      if (this.#tags[next - 1] === this.#tag && isSame(this.#keys[next - 1]!, key)) {
        return next - 1
      }
    }

    return undefined
  }

  /** Gives a digest that it does not have a slot, as the newest. There must be room. */
  add (key: string): number {
    const slot = (this.#oldest + this.#size) % this.#slots
    this.#lookFor(key)
    this.#keys[slot] = key
    this.#tags[slot] = this.#tag
    this.#places[slot] = this.#place
    this.#next[slot] = this.#first[this.#place]!
    this.#first[this.#place] = slot + 1
    this.#size++

    return slot
  }

  /** Takes the oldest digest out, and returns its slot. There must be one. */
  shift (): number {
    const slot = this.#oldest
    this.#unlink(slot)
    this.#keys[slot] = undefined
    this.#oldest = (slot + 1) % this.#slots
    this.#size--

    return slot
  }

  #unlink (slot: number): void {
    const place = this.#places[slot]!
    let before = this.#first[place]! - 1

    if (before === slot) {
      this.#first[place] = this.#next[slot]!
      return
    }

    while (this.#next[before] !== slot + 1) {
      before = this.#next[before]! - 1
    }

    this.#next[before] = this.#next[slot]!
  }

  #lookFor (key: string): void {
    if (key === this.#key) {
      return
    }

    const tag = wordOf(key, 0)
    let hash = Math.imul(tag, this.#secret[0]! | 1)

    for (let word = 1; word < WORDS; word++) {
      hash = hash + Math.imul(wordOf(key, word), this.#secret[word]! | 1) | 0
    }

    this.#key = key
    this.#tag = tag
    this.#place = hash >>> this.#shift
  }
}

/** Whether two keys are of one digest, either of them perhaps of its short form. */
function isSame (key: string, other: string): boolean {
  return key.length <= other.length ? other.startsWith(key) : key.startsWith(other)
}

/** Four characters of a key, which is one for each byte, as a number. */
function wordOf (key: string, word: number): number {
  const at = 4 * word

  return key.charCodeAt(at) | key.charCodeAt(at + 1) << 8 | key.charCodeAt(at + 2) << 16 | key.charCodeAt(at + 3) << 24
}

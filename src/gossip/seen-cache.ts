import type { Clock } from '../clock.ts'

/** How many digests are remembered. */
export const MAX_SEEN = 65_536

/** How long a digest is remembered, in ms. */
export const SEEN_TTL_MS: number = 10 * 60 * 1000

/** Places that a digest may have. The oldest of them makes room where all are taken. */
const WAYS = 16

/** The upper bits of a hash of 32 bits number the sets of WAYS places. */
const SET_SHIFT: number = 32 - Math.log2(MAX_SEEN / WAYS)

/** A digest is told from others by its first 128 bits. */
const WORDS = 4

/**
 * The blocks and transactions that were met lately, by the key of their digest. Bounded in number and time: what is
 * forgotten is merely looked at once more.
 *
 * A table of fixed size, like a processor's cache, because every transaction is looked up here and a map of strings
 * takes longer than everything else that is done with a duplicate. Which places a digest may have depends on a secret, so
 * that nobody can make digests that push out a certain other one.
 */
export class SeenCache {
  readonly #clock: Clock
  readonly #digests = new Uint32Array(MAX_SEEN * WORDS)
  /** When each place is free again, by the clock; 0 for one that is free. */
  readonly #expires = new Float64Array(MAX_SEEN)
  readonly #secret: Uint32Array = crypto.getRandomValues(new Uint32Array(WORDS))
  /** The digest that is looked for. */
  readonly #wanted = new Uint32Array(WORDS)
  /** When the youngest entry ends: each one ends after all before it, so that the oldest is known. */
  #latest = 0
  /** The peers that are found to have an item while it is decided what becomes of it. */
  readonly #watched = new Map<string, string[]>()

  constructor (clock: Clock) {
    this.#clock = clock
  }

  /** Digests that are remembered. */
  get size (): number {
    const now = this.#clock.now()

    return this.#expires.reduce((size, expires) => expires > now ? size + 1 : size, 0)
  }

  /** Remembers an item that `holder` has. True where it was not met before. */
  add (key: string, holder?: string): boolean {
    const first = this.#lookFor(key)
    const now = this.#clock.now()
    let oldest = first

    for (let place = first; place < first + WAYS; place++) {
      if (this.#expires[place]! > now && this.#isAt(place)) {
        this.#note(key, holder)
        return false
      }

      if (this.#expires[place]! < this.#expires[oldest]!) {
        oldest = place
      }
    }

    this.#latest = Math.max(now + SEEN_TTL_MS, this.#latest + 1e-5)
    this.#expires[oldest] = this.#latest
    this.#digests.set(this.#wanted, oldest * WORDS)

    return true
  }

  /** Lets an item be looked at again when it comes again. */
  forget (key: string): void {
    const first = this.#lookFor(key)

    for (let place = first; place < first + WAYS; place++) {
      if (this.#isAt(place)) {
        this.#expires[place] = 0
      }
    }
  }

  /** Returns the peers that have an item, a list to which those are added who are found to have it, until it is settled. */
  watch (key: string, holder: string): readonly string[] {
    const holders = [holder]
    this.#watched.set(key, holders)

    return holders
  }

  /** Ends what `watch` began. */
  settle (key: string): void {
    this.#watched.delete(key)
  }

  #note (key: string, holder: string | undefined): void {
    if (holder == null || this.#watched.size === 0) {
      return
    }

    const holders = this.#watched.get(key)

    if (holders?.includes(holder) === false) {
      holders.push(holder)
    }
  }

  /** Sets the digest that is looked for and returns the first of its places. */
  #lookFor (key: string): number {
    let hash = 0

    for (let word = 0; word < WORDS; word++) {
      const value = wordOf(key, word)
      this.#wanted[word] = value
      hash = hash + Math.imul(value, this.#secret[word]! | 1) | 0
    }

    return (hash >>> SET_SHIFT) * WAYS
  }

  #isAt (place: number): boolean {
    const at = place * WORDS

    return this.#digests[at] === this.#wanted[0] && this.#digests[at + 1] === this.#wanted[1] &&
      this.#digests[at + 2] === this.#wanted[2] && this.#digests[at + 3] === this.#wanted[3]
  }
}

/** Four characters of a key, which is one for each byte, as a number. */
function wordOf (key: string, word: number): number {
  const at = word * 4

  return key.charCodeAt(at) | key.charCodeAt(at + 1) << 8 | key.charCodeAt(at + 2) << 16 | key.charCodeAt(at + 3) << 24
}

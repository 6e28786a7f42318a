import type { Clock } from '../clock.ts'

/** How many digests are remembered. */
export const MAX_SEEN = 65_536

/** How long a digest is remembered, in ms. */
export const SEEN_TTL_MS: number = 10 * 60 * 1000

/** Places that a digest may have. They are used in turn, so that the oldest of them makes room. */
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
  /** The first word of each place: those of a set lie together, and hardly ever is a second look needed. */
  readonly #tags = new Uint32Array(MAX_SEEN)
  readonly #digests = new Uint32Array(MAX_SEEN * WORDS)
  /** Until when each place counts, by the clock. */
  readonly #expires = new Float64Array(MAX_SEEN)
  /** The place of each set that is used next. */
  readonly #next = new Uint8Array(MAX_SEEN / WAYS)
  readonly #secret: Uint32Array = crypto.getRandomValues(new Uint32Array(WORDS))
  /** The digest that is looked for. */
  readonly #wanted = new Uint32Array(WORDS)
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
    const set = this.#lookFor(key)
    const now = this.#clock.now()
    const found = this.#find(set)

    if (found != null && this.#expires[found]! > now) {
      this.#note(key, holder)
      return false
    }

    const way = this.#next[set]!
    const place = set * WAYS + way
    this.#next[set] = (way + 1) % WAYS
    this.#tags[place] = this.#wanted[0]!
    this.#put(place)
    this.#expires[place] = now + SEEN_TTL_MS

    return true
  }

  /** Lets an item be looked at again when it comes again. */
  forget (key: string): void {
    const found = this.#find(this.#lookFor(key))

    if (found != null) {
      this.#tags[found] = 0
      this.#digests.fill(0, found * WORDS, (found + 1) * WORDS)
      this.#expires[found] = 0
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

  /** Sets the digest that is looked for and returns the number of its set. */
  #lookFor (key: string): number {
    let hash = 0

    for (let word = 0; word < WORDS; word++) {
      const value = wordOf(key, word)
      this.#wanted[word] = value
      hash = hash + Math.imul(value, this.#secret[word]! | 1) | 0
    }

    return hash >>> SET_SHIFT
  }

  /** The latest place of the digest that is looked for. */
  #find (set: number): number | undefined {
    const tag = this.#wanted[0]!
    let found: number | undefined

    for (let place = set * WAYS; place < (set + 1) * WAYS; place++) {
      if (this.#tags[place] === tag && this.#isAt(place) && (found == null || this.#expires[place]! > this.#expires[found]!)) {
        found = place
      }
    }

    return found
  }

  // word by word: `set` takes longer for so few
  #put (place: number): void {
    const at = place * WORDS
    this.#digests[at] = this.#wanted[0]!
    this.#digests[at + 1] = this.#wanted[1]!
    this.#digests[at + 2] = this.#wanted[2]!
    this.#digests[at + 3] = this.#wanted[3]!
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

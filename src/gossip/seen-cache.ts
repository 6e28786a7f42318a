import type { Clock } from '../util/clock.ts'

/**
 * Digests of blocks and transactions that are remembered, unless `limits.seenDigests` says otherwise.
 *
 * @remarks The node forgets the oldest. An item that comes again is judged and relayed again.
 */
export const MAX_SEEN = 65_536

/**
 * How long a digest is remembered, unless `limits.seenDuration` says otherwise.
 *
 * @remarks The node forgets it. An item that comes again is judged and relayed again.
 */
export const SEEN_TTL_MS: number = 10 * 60 * 1000

/** Places that a digest may have. They are used in turn, so that the oldest of them makes room. */
const WAYS = 16

/** A digest is told from others by its first 128 bits. */
const WORDS = 4

/** Where in the record of a place the words of the digest are that follow the first, and then those of the holders. */
const DIGEST_AT = 2
const HOLDERS_AT: number = DIGEST_AT + WORDS - 1

/** Peers of which the node remembers who has which item. It notes nothing of those above that. */
export const MAX_KNOWN_HOLDERS = 256

/** Peers of which one word of holders tells. */
const WORD_PEERS = 32

/** What {@link SeenCache} is bounded by. */
export interface SeenBounds {
  /** How many digests are remembered, a power of two from 32 on. */
  digests: number
  /** How long each of them is, in ms. */
  duration: number
}

/**
 * The blocks and transactions that were met lately, by the key of their digest, and who has them. Bounded in number and
 * time: what is forgotten is merely looked at once more.
 *
 * A table of fixed size, like a processor's cache, because every transaction is looked up here and a map of strings
 * takes longer than everything else that is done with a duplicate. Which places a digest may have depends on a secret, so
 * that nobody can make digests that push out a certain other one.
 */
export class SeenCache {
  /** Numbers of peers from 0 to below this are known about, a multiple of 32. */
  readonly maxHolders: number
  readonly #clock: Clock
  readonly #duration: number
  /** The upper bits of a hash of 32 bits number the sets of WAYS places. */
  readonly #setShift: number
  /** The first word of each place: those of a set lie together, and hardly ever is a second look needed. */
  readonly #tags: Uint32Array
  /**
   * The rest of each place, in one record, for each part of it that lies elsewhere takes as long to get from memory: until when it
   * counts, by the clock, the rest of the digest, and one bit for each peer, in as many words as it takes.
   */
  readonly #records: Uint32Array
  /** The same memory: each record begins with a number of 64 bits. */
  readonly #expires: Float64Array
  readonly #recordWords: number
  readonly #holderWords: number
  /** One bit for each peer that is gone, and whose bits may still be in the records. */
  readonly #gone: Uint32Array
  #hasGone = false
  /** The place of each set that is used next. */
  readonly #next: Uint8Array
  readonly #secret: Uint32Array = crypto.getRandomValues(new Uint32Array(WORDS))
  /** The digest that is looked for, its key and its set. */
  readonly #wanted = new Uint32Array(WORDS)
  #key = ''
  #set = 0
  /** The place that was found or taken last: what was just met is looked for again when it is sent on. */
  #latest = 0

  /** `maxPeers` is how many peers there may be at a time. */
  constructor (clock: Clock, maxPeers: number, { digests = MAX_SEEN, duration = SEEN_TTL_MS }: Partial<SeenBounds> = {}) {
    this.#clock = clock
    this.#duration = duration
    this.#setShift = 32 - Math.log2(digests / WAYS)
    this.#tags = new Uint32Array(digests)
    this.#next = new Uint8Array(digests / WAYS)
    this.#holderWords = Math.ceil(Math.min(Math.max(maxPeers, 1), MAX_KNOWN_HOLDERS) / WORD_PEERS)
    this.#gone = new Uint32Array(this.#holderWords)
    this.#recordWords = 2 * Math.ceil((HOLDERS_AT + this.#holderWords) / 2)
    this.#records = new Uint32Array(digests * this.#recordWords)
    this.#expires = new Float64Array(this.#records.buffer)
    this.maxHolders = this.#holderWords * WORD_PEERS
  }

  /** Digests that are remembered. */
  get size (): number {
    const now = this.#clock.recent()

    return this.#tags.reduce((size, _, index) => this.#expiresAt(index) > now ? size + 1 : size, 0)
  }

  /** Remembers an item, and that the peer of this number has it. True where it was not met before. */
  add (key: string, peer?: number): boolean {
    const set = this.#lookFor(key)
    const now = this.#clock.recent()
    const found = this.#find(set, now)
    this.addHolder(found ?? this.#take(set, now), peer)

    return found == null
  }

  /** The place of an item, which is remembered from now on if it was not. Good until the end of the turn. */
  enter (key: string): number {
    const set = this.#lookFor(key)
    const now = this.#clock.recent()

    return this.#find(set, now) ?? this.#take(set, now)
  }

  /** The place of an item that was met. Good until the end of the turn. */
  indexOf (key: string): number | undefined {
    return this.#find(this.#lookFor(key), this.#clock.recent())
  }

  /** Whether an item was met. */
  has (key: string): boolean {
    return this.indexOf(key) != null
  }

  /** Whether the peer of this number is known to have the item at a place. */
  isHolder (index: number, peer: number | undefined): boolean {
    return this.#isKnown(peer) && (this.#records[this.#wordOf(index, peer)]! & bitOf(peer)) !== 0
  }

  /** Notes that the peer of this number has the item at a place. */
  addHolder (index: number, peer: number | undefined): void {
    if (this.#isKnown(peer)) {
      this.#records[this.#wordOf(index, peer)]! |= bitOf(peer)
    }
  }

  /** Takes back that the peer of this number has the item at a place. */
  removeHolder (index: number, peer: number | undefined): void {
    if (this.#isKnown(peer)) {
      this.#records[this.#wordOf(index, peer)]! &= ~bitOf(peer)
    }
  }

  /** Lets an item be looked at again when it comes again. */
  forget (key: string): void {
    const found = this.indexOf(key)

    if (found != null) {
      const record = found * this.#recordWords
      this.#tags[found] = 0
      this.#records.fill(0, record, record + HOLDERS_AT)
    }
  }

  /**
   * Forgets what the peer of this number has. There are as many places as digests to look at: that is done once for all who are
   * gone, when the number of one of them is used again.
   */
  forgetPeer (peer: number | undefined): void {
    if (peer != null && peer < this.maxHolders) {
      this.#gone[peer >>> 5]! |= bitOf(peer)
      this.#hasGone = true
    }
  }

  #isKnown (peer: number | undefined): peer is number {
    if (peer == null || peer >= this.maxHolders) {
      return false
    }

    if (this.#hasGone && (this.#gone[peer >>> 5]! & bitOf(peer)) !== 0) {
      this.#forgetGone()
    }

    return true
  }

  #forgetGone (): void {
    const [records, step] = [this.#records, this.#recordWords]

    for (const [i, gone] of this.#gone.entries()) {
      for (let word = gone === 0 ? Infinity : HOLDERS_AT + i; word < records.length; word += step) {
        records[word]! &= ~gone
      }
    }

    this.#gone.fill(0)
    this.#hasGone = false
  }

  #wordOf (index: number, peer: number): number {
    return index * this.#recordWords + HOLDERS_AT + (peer >>> 5)
  }

  /** Sets the digest that is looked for and returns the number of its set. */
  #lookFor (key: string): number {
    if (key === this.#key) {
      return this.#set
    }

    let hash = 0

    for (let word = 0; word < WORDS; word++) {
      const value = wordOf(key, word)
      this.#wanted[word] = value
      hash = hash + Math.imul(value, this.#secret[word]! | 1) | 0
    }

    this.#key = key
    this.#set = hash >>> this.#setShift

    return this.#set
  }

  /** The place of the digest that is looked for. Of one that has expired another place may be the latest. */
  #find (set: number, now: number): number | undefined {
    if (this.#isAt(this.#latest) && this.#expiresAt(this.#latest) > now) {
      return this.#latest
    }

    const tag = this.#wanted[0]!

    for (let index = set * WAYS; index < (set + 1) * WAYS; index++) {
      if (this.#tags[index] === tag && this.#isAt(index) && this.#expiresAt(index) > now) {
        this.#latest = index

        return index
      }
    }

    return undefined
  }

  /** Puts the digest that is looked for into the next place of its set. Nobody is known to have it. */
  #take (set: number, now: number): number {
    const way = this.#next[set]!
    const index = set * WAYS + way
    this.#next[set] = (way + 1) % WAYS
    this.#latest = index
    this.#put(index)
    this.#expires[index * this.#recordWords / 2] = now + this.#duration
    const holders = this.#wordOf(index, 0)

    for (let word = holders; word < holders + this.#holderWords; word++) {
      this.#records[word] = 0
    }

    return index
  }

  // word by word: `set` takes longer for so few
  #put (index: number): void {
    const at = index * this.#recordWords + DIGEST_AT
    this.#tags[index] = this.#wanted[0]!
    this.#records[at] = this.#wanted[1]!
    this.#records[at + 1] = this.#wanted[2]!
    this.#records[at + 2] = this.#wanted[3]!
  }

  #isAt (index: number): boolean {
    const at = index * this.#recordWords + DIGEST_AT

    return this.#tags[index] === this.#wanted[0] && this.#records[at] === this.#wanted[1] &&
      this.#records[at + 1] === this.#wanted[2] && this.#records[at + 2] === this.#wanted[3]
  }

  #expiresAt (index: number): number {
    return this.#expires[index * this.#recordWords / 2]!
  }
}

/** The bit of a peer in its word. A shift takes the number modulo 32. */
function bitOf (peer: number): number {
  return 1 << peer
}

/** Four characters of a key, which is one for each byte, as a number. */
function wordOf (key: string, word: number): number {
  const at = word * 4

  return key.charCodeAt(at) | key.charCodeAt(at + 1) << 8 | key.charCodeAt(at + 2) << 16 | key.charCodeAt(at + 3) << 24
}

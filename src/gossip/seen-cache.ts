import { bitOf, Departures, WORD_PEERS, wordOf } from './departures.ts'
import type { Chance } from '../util/chance.ts'
import type { Usage } from '../types/status.ts'
import type { Clock } from '../util/clock.ts'

/**
 * Digests of blocks and transactions that the node remembers, unless `limits.seenDigests` says otherwise.
 *
 * @remarks The node forgets the oldest. An item that comes again is judged and relayed again.
 */
export const MAX_SEEN = 65_536

/**
 * How long the node remembers a digest, unless `limits.seenDuration` says otherwise.
 *
 * @remarks The node forgets it. An item that comes again is judged and relayed again.
 */
export const SEEN_TTL_MS: number = 10 * 60 * 1000

/** Entries of a set, in one of which a digest of the set is. They are used in turn, so that the oldest of them makes room. */
const WAYS = 16

/** A digest is told from others by its first 128 bits. */
const WORDS = 4

/** Where in a record the words of the digest are that follow the first, then the count of departures, and then the words of the holders. */
const DIGEST_AT = 2
const DEPARTURES_AT: number = DIGEST_AT + WORDS - 1
const HOLDERS_AT: number = DEPARTURES_AT + 1

/** Peers of which the node remembers which items they have. It notes nothing of those above that. */
export const MAX_KNOWN_HOLDERS = 1024

/** The bounds of a {@link SeenCache}. */
export interface SeenBounds {
  /** How many digests it remembers, a power of two from 32 on. */
  digests: number
  /** How long it remembers each, in ms. */
  duration: number
}

/**
 * The blocks and transactions that the node has seen lately, by the key of their digest, and which peers have them. Bounded in number
 * and time: an item that was forgotten is merely judged once more.
 *
 * It is a table of fixed size, like a processor's cache: every transaction is looked up here, and a map of strings would take longer than
 * all other work on a duplicate. The set of a digest depends on a secret, so no peer can create digests that push out a certain other
 * one.
 */
export class SeenCache {
  /** The holders of an item are known among the peers with numbers below this, a multiple of 32. */
  readonly maxHolders: number
  readonly #clock: Clock
  readonly #duration: number
  /** The upper bits of a hash of 32 bits are the number of the set. */
  readonly #setShift: number
  /** The first word of each digest. Those of a set lie together, and hardly ever is a record needed too. */
  readonly #tags: Uint32Array
  /**
   * The rest of each entry, in one record, since each part that lay elsewhere would cost another read of memory: until when it counts, by
   * the clock, the rest of the digest, how many peers had gone when its holders were last right, and one bit for each peer, in as many
   * words as that takes.
   */
  readonly #records: Uint32Array
  /** The same memory: each record begins with a number of 64 bits. */
  readonly #expires: Float64Array
  readonly #recordWords: number
  readonly #holderWords: number
  readonly #departures: Departures
  /** The entry of each set that is used next. */
  readonly #next: Uint8Array
  readonly #secret: Uint32Array
  /** The digest of the lookup under way, its key and its set. */
  readonly #wanted = new Uint32Array(WORDS)
  #key = ''
  #set = 0
  /** The entry of the last lookup: an item that has just come is looked up again when it is sent on. */
  #latest = 0

  /** `maxPeers` is how many peers may be ready at a time. */
  constructor (
    { clock, chance }: { clock: Clock, chance: Chance },
    maxPeers: number,
    { digests = MAX_SEEN, duration = SEEN_TTL_MS }: Partial<SeenBounds> = {}
  ) {
    this.#clock = clock
    this.#secret = chance.fill(new Uint32Array(WORDS))
    this.#duration = duration
    this.#setShift = 32 - Math.log2(digests / WAYS)
    this.#tags = new Uint32Array(digests)
    this.#next = new Uint8Array(digests / WAYS)
    this.#holderWords = Math.ceil(Math.min(Math.max(maxPeers, 1), MAX_KNOWN_HOLDERS) / WORD_PEERS)
    this.#departures = new Departures(this.#holderWords)
    this.#recordWords = 2 * Math.ceil((HOLDERS_AT + this.#holderWords) / 2)
    this.#records = new Uint32Array(digests * this.#recordWords)
    this.#expires = new Float64Array(this.#records.buffer)
    this.maxHolders = this.#holderWords * WORD_PEERS
  }

  /** Digests that it remembers. */
  get size (): number {
    const now = this.#clock.recent()

    return this.#tags.reduce((size, _, index) => this.#expiresAt(index) > now ? size + 1 : size, 0)
  }

  /** Its memory, which is taken at the start. */
  get usage (): Usage {
    const bytes = this.#tags.byteLength + this.#records.byteLength + this.#next.byteLength + this.#departures.bytes
    return { items: null, maxItems: this.#tags.length, bytes, maxBytes: bytes }
  }

  /** Remembers an item, and that the peer of this number has it. True where it was not seen before. */
  add (key: string, peer?: number): boolean {
    const set = this.#lookFor(key)
    const now = this.#clock.recent()
    const found = this.#find(set, now)
    this.addHolder(found ?? this.#take(set, now), peer)

    return found == null
  }

  /** The index of an item's entry, which is created where there is none. Good until the end of the turn. */
  enter (key: string): number {
    const set = this.#lookFor(key)
    const now = this.#clock.recent()

    return this.#find(set, now) ?? this.#take(set, now)
  }

  /** The index of the entry of a seen item. Good until the end of the turn. */
  indexOf (key: string): number | undefined {
    return this.#find(this.#lookFor(key), this.#clock.recent())
  }

  /** Whether an item was seen. */
  has (key: string): boolean {
    return this.indexOf(key) != null
  }

  /** Whether the peer of this number is known to have the item of an entry. */
  isHolder (index: number, peer: number | undefined): boolean {
    return this.#isKnown(peer) && (this.#records[this.#holdersOf(index, peer)]! & bitOf(peer)) !== 0
  }

  /** Notes that the peer of this number has the item of an entry. */
  addHolder (index: number, peer: number | undefined): void {
    if (this.#isKnown(peer)) {
      this.#records[this.#holdersOf(index, peer)]! |= bitOf(peer)
    }
  }

  /** Takes back that the peer of this number has the item of an entry. */
  removeHolder (index: number, peer: number | undefined): void {
    if (this.#isKnown(peer)) {
      this.#records[this.#holdersOf(index, peer)]! &= ~bitOf(peer)
    }
  }

  /** Forgets an item: it is judged again when it comes again. */
  forget (key: string): void {
    const found = this.indexOf(key)

    if (found != null) {
      const record = found * this.#recordWords
      this.#tags[found] = 0
      this.#records.fill(0, record, record + HOLDERS_AT)
    }
  }

  /** Forgets which items the peer of this number has, at a cost that does not depend on how many there are. */
  forgetPeer (peer: number | undefined): void {
    if (this.#isKnown(peer)) {
      this.#departures.note(peer)
    }
  }

  #isKnown (peer: number | undefined): peer is number {
    return peer != null && peer < this.maxHolders
  }

  /** Where the bit of a peer is in a record, in which peers that have gone have none any more. */
  #holdersOf (index: number, peer: number): number {
    const at = index * this.#recordWords + DEPARTURES_AT

    const departures = this.#records[at]!

    if (departures !== this.#departures.count) {
      for (let word = 0; word < this.#holderWords; word++) {
        this.#records[at + 1 + word]! &= ~this.#departures.goneSince(departures, word)
      }

      this.#records[at] = this.#departures.count
    }

    return this.#wordOf(index, peer)
  }

  #wordOf (index: number, peer: number): number {
    return index * this.#recordWords + HOLDERS_AT + wordOf(peer)
  }

  /** Begins the lookup of a digest, and returns the number of its set. */
  #lookFor (key: string): number {
    if (key === this.#key) {
      return this.#set
    }

    let hash = 0

    for (let word = 0; word < WORDS; word++) {
      const value = keyWordOf(key, word)
      this.#wanted[word] = value
      hash = hash + Math.imul(value, this.#secret[word]! | 1) | 0
    }

    this.#key = key
    this.#set = hash >>> this.#setShift

    return this.#set
  }

  /** The entry of the lookup. A digest whose latest entry has expired may have another one. */
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

  /** Puts the digest of the lookup into the next entry of its set, without holders. */
  #take (set: number, now: number): number {
    const way = this.#next[set]!
    const index = set * WAYS + way
    this.#next[set] = (way + 1) % WAYS
    this.#latest = index
    this.#put(index)
    this.#expires[index * this.#recordWords / 2] = now + this.#duration
    const holders = this.#wordOf(index, 0)
    this.#records[holders - 1] = this.#departures.count

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

/** Four characters of a key, which is one for each byte, as a number. */
function keyWordOf (key: string, word: number): number {
  const at = word * 4

  return key.charCodeAt(at) | key.charCodeAt(at + 1) << 8 | key.charCodeAt(at + 2) << 16 | key.charCodeAt(at + 3) << 24
}

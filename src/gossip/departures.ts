/** Peers for which one word of holders has bits. */
export const WORD_PEERS = 32

/**
 * Which peers have gone since a record of holders was last right. To take a peer that goes out of all records would be a walk through
 * them. So a record remembers how many peers had gone, and loses the bits of the later ones when it is next looked at.
 */
export class Departures {
  #count = 0
  /** The departure of the peer that last had each number. */
  readonly #departedAt: Uint32Array
  /** The last one of those with a bit in each word. */
  readonly #latest: Uint32Array

  /** `words` is how many words of bits a record has. */
  constructor (words: number) {
    this.#departedAt = new Uint32Array(words * WORD_PEERS)
    this.#latest = new Uint32Array(words)
  }

  /** How many peers have gone. */
  get count (): number {
    return this.#count
  }

  get bytes (): number {
    return this.#departedAt.byteLength + this.#latest.byteLength
  }

  /** Takes note that the peer of this number has gone. */
  note (peer: number): void {
    this.#count++
    this.#departedAt[peer] = this.#count
    this.#latest[wordOf(peer)] = this.#count
  }

  /** The bits of those in a word that have gone since so many had. */
  goneSince (count: number, word: number): number {
    let gone = 0

    if (this.#latest[word]! > count) {
      for (let peer = word * WORD_PEERS; peer < (word + 1) * WORD_PEERS; peer++) {
        gone |= this.#departedAt[peer]! > count ? bitOf(peer) : 0
      }
    }

    return gone
  }
}

/** The word that has the bit of a peer. */
export function wordOf (peer: number): number {
  return peer >>> 5
}

/** The bit of a peer in its word. A shift takes the number modulo 32. */
export function bitOf (peer: number): number {
  return 1 << peer
}

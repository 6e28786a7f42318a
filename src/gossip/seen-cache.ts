import type { Clock } from '../clock.ts'

/** How many digests are remembered. */
export const MAX_SEEN = 65_536

/** How long a digest is remembered, in ms. */
export const SEEN_TTL_MS: number = 10 * 60 * 1000

interface Entry {
  expires: number
  /** The place of its key in the ring. */
  slot: number
  /** The peers that are known to have it, until it is decided whether it is relayed. */
  holders: string[] | undefined
}

/**
 * The blocks and transactions that were met lately, by the digest of their bytes. Bounded in number and time: what is
 * forgotten is merely looked at once more.
 */
export class SeenCache {
  readonly #clock: Clock
  readonly #entries = new Map<string, Entry>()
  /** The keys in the order in which they came. A map knows that order too, but takes long to find its oldest key. */
  readonly #ring: string[] = []
  #slot = 0

  constructor (clock: Clock) {
    this.#clock = clock
  }

  /** Digests that are remembered. */
  get size (): number {
    return this.#entries.size
  }

  /**
   * Notes that `holder` has an item. True where the item was not met before: it is to be looked at now, and then
   * either settled or forgotten.
   */
  add (key: string, holder?: string): boolean {
    const entry = this.#get(key)

    if (entry == null) {
      this.#insert(key, holder == null ? [] : [holder])

      return true
    }

    if (holder != null && entry.holders?.includes(holder) === false) {
      entry.holders.push(holder)
    }

    return false
  }

  /** Ends the looking at an item: returns the peers that were found to have it meanwhile. */
  settle (key: string): readonly string[] {
    const entry = this.#entries.get(key)
    const holders = entry?.holders ?? []

    if (entry != null) {
      entry.holders = undefined
    }

    return holders
  }

  /** Lets an item be looked at again when it comes again. */
  forget (key: string): void {
    this.#entries.delete(key)
  }

  #get (key: string): Entry | undefined {
    const entry = this.#entries.get(key)

    if (entry != null && entry.expires <= this.#clock.now()) {
      this.#entries.delete(key)
      return undefined
    }

    return entry
  }

  #insert (key: string, holders: string[]): void {
    const slot = this.#slot
    const oldest = this.#ring[slot]

    // whoever was forgotten meanwhile and has come again has another place now
    if (oldest != null && this.#entries.get(oldest)?.slot === slot) {
      this.#entries.delete(oldest)
    }

    this.#ring[slot] = key
    this.#slot = (slot + 1) % MAX_SEEN
    this.#entries.set(key, { expires: this.#clock.now() + SEEN_TTL_MS, slot, holders })
  }
}

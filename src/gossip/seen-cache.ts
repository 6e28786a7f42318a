import type { Clock } from '../clock.ts'

/** How many digests are remembered. */
export const MAX_SEEN = 65_536

/** How long a digest is remembered, in ms. */
export const SEEN_TTL_MS: number = 10 * 60 * 1000

interface Entry {
  expires: number
  /** The peers that are known to have it, until it is decided whether it is relayed. */
  holders: Set<string> | undefined
}

/**
 * The blocks and transactions that were met lately, by the digest of their bytes. Bounded in number and time: what is
 * forgotten is merely looked at once more.
 */
export class SeenCache {
  readonly #clock: Clock
  readonly #entries = new Map<string, Entry>()

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

    if (entry != null) {
      if (holder != null) {
        entry.holders?.add(holder)
      }

      return false
    }

    this.#entries.set(key, {
      expires: this.#clock.now() + SEEN_TTL_MS,
      holders: new Set(holder == null ? [] : [holder])
    })

    if (this.#entries.size > MAX_SEEN) {
      this.#entries.delete(this.#entries.keys().next().value!)
    }

    return true
  }

  /** Ends the looking at an item: returns the peers that were found to have it meanwhile. */
  settle (key: string): ReadonlySet<string> {
    const entry = this.#entries.get(key)
    const holders = entry?.holders ?? new Set()

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
}

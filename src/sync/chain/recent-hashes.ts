import { bytesEqual } from '../../util/bytes.ts'
import type { Tip } from '../../types/block.ts'

/** The last blocks of our chain whose hashes the node remembers. */
export const MAX_RECENT_HASHES = 128

/**
 * The hashes of the last blocks of our chain, as far as the node has seen it grow. They tell whether a block is ours without a read
 * of the chain: a peer could cause many reads with small messages.
 */
export class RecentHashes {
  readonly #hashes = new Map<number, Uint8Array>()
  #top = -1

  get size (): number { return this.#hashes.size }

  /** Height of the last one, -1 where there is none. */
  get top (): number { return this.#top }

  /** Whether this block is known to be on our chain. */
  has ({ height, hash }: Tip): boolean {
    const known = this.#hashes.get(height)

    return known != null && bytesEqual(known, hash)
  }

  /** Adds the block above the last one. */
  push ({ height, hash }: Tip): void {
    if (height !== this.#top + 1) {
      this.#hashes.clear()
    }

    // the hash of a received block is a view of a whole frame
    this.#hashes.set(height, new Uint8Array(hash))
    this.#hashes.delete(height - MAX_RECENT_HASHES)
    this.#top = height
  }

  /** Takes note of the tip. Where that is not the last block that was added, the chain has changed over: all is forgotten. */
  settle (tip: Tip): void {
    if (this.#top !== tip.height || !this.has(tip)) {
      this.clear()
      this.push(tip)
    }
  }

  clear (): void {
    this.#hashes.clear()
    this.#top = -1
  }
}

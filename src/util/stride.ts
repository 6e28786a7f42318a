/** Of pieces of work that are short the node times one in so many. */
export const MAX_STRIDE = 8

/** A piece of work that takes longer, in ms, has each of those after it timed, until one is short again. */
export const SHORT_MS = 0.05

/**
 * Decides which pieces of work the node times. To read the clock takes as long as a tenth of all that the node does with a small message.
 * So of short pieces it times few, and each one counts for those that have passed before it.
 */
export class Stride {
  #length = 1
  #passed = 0

  /** Counts a piece. Returns for how many its time counts; 0 where it is not timed. */
  pass (): number {
    if (++this.#passed < this.#length) {
      return 0
    }

    const passed = this.#passed
    this.#passed = 0

    return passed
  }

  /** Counts from here on: the clock was read for another reason. */
  restart (): void {
    this.#passed = 0
  }

  /** Takes note that a piece has taken so long, in ms. */
  took (ms: number): void {
    this.#length = ms <= SHORT_MS ? Math.min(2 * this.#length, MAX_STRIDE) : 1
  }
}

/** Random numbers that are the same for the same seed, so that a run can be repeated. */
export class Random {
  #state: number

  /** `seed` is 0 to 2^32 - 1. */
  constructor (seed: number) {
    this.#state = seed >>> 0
  }

  /** Numbers that are the same for the same bytes. */
  static of (bytes: Uint8Array): Random {
    return new Random(bytes.reduce((hash, byte) => Math.imul(hash ^ byte, 0x01000193), 0x811c9dc5))
  }

  /** What `Math.random` gives: from 0 to less than 1. */
  fraction (): number {
    return this.below(2 ** 32) / 2 ** 32
  }

  /** A whole number from 0 to `bound` - 1: mulberry32. */
  below (bound: number): number {
    this.#state = this.#state + 0x6d2b79f5 | 0
    let mixed = Math.imul(this.#state ^ this.#state >>> 15, 1 | this.#state)
    mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed

    return Math.floor(((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32 * bound)
  }

  /** True once in `times`. */
  oneIn (times: number): boolean {
    return this.below(times) === 0
  }

  pick<T> (choices: readonly T[]): T {
    return choices[this.below(choices.length)]!
  }

  bytes (length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256))
  }
}

/** Under this name the code under test finds what it counts in. */
export const COUNTERS = '__fuzzCounters'

/** More places than src/ has. What is beyond is not seen. */
const MAX_PLACES = 65_536

/** From how often on a place has been passed another time as often counts as new: as AFL and libFuzzer have it. */
const STEPS = [2, 3, 4, 8, 16, 32, 128]

/** A bit for each of the steps, by the count. */
const BITS = Uint8Array.from({ length: 129 }, (_, count) => count === 0 ? 0 : 1 << STEPS.filter((step) => count >= step).length)

/**
 * How often each branch of the code under test was passed with one input, and which of that has been seen before. Without
 * {@link instrument} there is nothing to see, and no input is new.
 */
export class Coverage {
  readonly #counters = new Uint32Array(MAX_PLACES)
  readonly #seen = new Uint8Array(MAX_PLACES)
  #locations = 0
  #seenPlaces = 0

  constructor () {
    // what cannot be listed does not count as a leak to whoever looks for them
    Object.defineProperty(globalThis, COUNTERS, { value: this.#counters, enumerable: false, configurable: true })
  }

  /** Branches that were passed by any input. */
  get seenPlaces (): number {
    return this.#seenPlaces
  }

  /** Branches that there are in what was loaded. */
  get locations (): number {
    return this.#locations
  }

  /** A number for one more branch. */
  addPlace (): number {
    return Math.min(this.#locations++, MAX_PLACES - 1)
  }

  /** Forgets what was passed since it was called last. */
  reset (): void {
    this.#counters.fill(0, 0, this.#locations)
  }

  /** The branches that were passed. */
  get passed (): number[] {
    return [...this.#counters.subarray(0, this.#locations).keys()].filter((location) => this.#counters[location]! > 0)
  }

  /** Whether something was passed, or as often, that never was before; notes it. */
  takeNew (): boolean {
    let isNew = false

    for (let location = 0; location < this.#locations; location++) {
      const count = this.#counters[location]!

      if (count === 0) {
        continue
      }

      const bit = BITS[Math.min(count, BITS.length - 1)]!
      const seen = this.#seen[location]!

      if ((seen & bit) === 0) {
        this.#seen[location] = seen | bit
        this.#seenPlaces += seen === 0 ? 1 : 0
        isNew = true
      }
    }

    return isNew
  }
}

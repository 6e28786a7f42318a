import { ConfigError } from '../errors.ts'
import type { Clock } from '../clock.ts'

/** How long a ban lasts unless said otherwise, in ms. */
export const BAN_DURATION_MS: number = 60 * 60 * 1000

/** How many bans there may be at a time. The one that ends first makes room. */
export const MAX_BANS = 10_000

/** Peers that are kept out for a time. */
export class Bans {
  readonly #clock: Clock
  readonly #until = new Map<string, number>()

  constructor (clock: Clock) {
    this.#clock = clock
  }

  /** Bans that have not ended. */
  get size (): number {
    this.#prune()

    return this.#until.size
  }

  /**
   * Keeps a peer out for `duration` ms, or longer where it was already kept out for longer.
   * Throws a {@link ConfigError} for a duration that is not a number above 0.
   */
  add (id: string, duration: number = BAN_DURATION_MS): void {
    if (!(duration > 0)) {
      throw new ConfigError(`Expected \`duration\` to be a number above 0, got ${duration}`)
    }

    const until = this.#clock.now() + duration
    this.#until.set(id, Math.max(until, this.#until.get(id) ?? 0))

    if (this.#until.size > MAX_BANS) {
      this.#prune()
    }

    if (this.#until.size > MAX_BANS) {
      const [first] = [...this.#until].reduce((a, b) => b[1] < a[1] ? b : a)
      this.#until.delete(first)
    }
  }

  /** Lets a peer in again. False where it was not banned. */
  remove (id: string): boolean {
    return this.#until.delete(id)
  }

  /** Whether a peer is kept out now. */
  has (id: string): boolean {
    const until = this.#until.get(id)

    if (until != null && until <= this.#clock.now()) {
      this.#until.delete(id)
    }

    return this.#until.has(id)
  }

  #prune (): void {
    const now = this.#clock.now()

    for (const [id, until] of this.#until) {
      if (until <= now) {
        this.#until.delete(id)
      }
    }
  }
}

import type { Clock } from '../../util/clock.ts'

/**
 * How long announcements of and to a peer count after its session has ended: it may come back in another session.
 *
 * @remarks The node forgets what the peer has announced, and does not announce again what it may have missed.
 */
export const AWAY_MS = 10_000

/** Peers without a session whose announcements count. The node forgets the one that went first. */
export const MAX_AWAY = 64

/** The peers that are away: their sessions have ended just now, and they may come back. */
export class AwayPeers {
  readonly #clock: Clock
  /** Until when each counts as away, the first that went in front. */
  readonly #until = new Map<string, number>()

  constructor (clock: Clock) {
    this.#clock = clock
  }

  /** How many are away. */
  get size (): number {
    for (const [id, until] of this.#until) {
      if (until > this.#clock.now()) {
        break
      }

      this.#until.delete(id)
    }

    return this.#until.size
  }

  /** Takes note of a peer whose session has ended. */
  add (id: string): void {
    this.#until.delete(id)

    if (this.#until.size >= MAX_AWAY) {
      const [first] = this.#until.keys()
      this.#until.delete(first!)
    }

    this.#until.set(id, this.#clock.now() + AWAY_MS)
  }

  /** Whether a peer that has come was away. It is not any more. */
  take (id: string): boolean {
    const until = this.#until.get(id)
    this.#until.delete(id)

    return until != null && until > this.#clock.now()
  }
}

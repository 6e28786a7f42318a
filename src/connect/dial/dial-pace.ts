/** Dials that begin in a second, those to reserved peers apart. */
export const MAX_DIAL_RATE = 16

/** Dials that may begin at once after a pause. */
export const MAX_DIAL_BURST = 32

const INTERVAL_MS: number = 1000 / MAX_DIAL_RATE

/** Limits how fast dials begin: a node without peers would spend its time on dials that are refused at once. */
export class DialPace {
  /** When there would be no credit left over for a burst, if there were no more dials. */
  #fullAt = -Infinity

  /** How long until the next dial may begin, in ms. */
  wait (now: number): number {
    return Math.ceil(Math.max(0, this.#fullAt - (MAX_DIAL_BURST - 1) * INTERVAL_MS - now))
  }

  /** Takes note of a dial that begins. */
  note (now: number): void {
    this.#fullAt = Math.max(this.#fullAt, now) + INTERVAL_MS
  }
}

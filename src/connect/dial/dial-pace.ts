/** Dials that begin in a second, those to reserved peers apart. */
export const MAX_DIAL_RATE = 16

/** Dials that may begin at once after a pause. */
export const MAX_DIAL_BURST = 32

/**
 * Dials that begin together when those of the burst have begun. To look for the next of a thousand targets costs more than a dial that is
 * refused.
 */
export const DIAL_GROUP = 4

const INTERVAL_MS: number = 1000 / MAX_DIAL_RATE

/** Limits how fast dials begin: a node without peers would spend its time on dials that are refused at once. */
export class DialPace {
  /** When there would be no credit left over for a burst, if there were no more dials. */
  #fullAt = -Infinity

  /** Whether a group has to come together before the next dial. */
  #isUsedUp = false

  /** How long until the next dial may begin, in ms. */
  wait (now: number): number {
    const credit = this.#isUsedUp ? DIAL_GROUP : 1
    const untilCredit = this.#fullAt - (MAX_DIAL_BURST - credit) * INTERVAL_MS - now

    if (untilCredit <= 0) {
      return 0
    }

    this.#isUsedUp = true

    return Math.ceil(untilCredit + (DIAL_GROUP - credit) * INTERVAL_MS)
  }

  /** Takes note of a dial that begins. */
  note (now: number): void {
    this.#isUsedUp = false
    this.#fullAt = Math.max(this.#fullAt, now) + INTERVAL_MS
  }
}

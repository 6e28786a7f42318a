/** The least time that the peer asked for an item has before the node asks others too. */
export const MIN_ANSWER_MS = 200

/** The most time that the peer asked for an item has before the node asks others too, and the time until an answer was measured. */
export const MAX_ANSWER_MS = 1000

/** The weight of a new answer: the mean and the deviation of TCP's timeout (RFC 6298). */
const MEAN_GAIN = 1 / 8
const DEVIATION_GAIN = 1 / 4
const DEVIATIONS = 4

/** How long peers take to answer, as measured. */
export class AnswerTime {
  #mean: number | undefined
  #deviation = 0

  /** Takes note of an answer that took `ms`. */
  note (ms: number): void {
    if (this.#mean == null) {
      this.#mean = ms
      this.#deviation = ms / 2
    } else {
      this.#deviation += DEVIATION_GAIN * (Math.abs(ms - this.#mean) - this.#deviation)
      this.#mean += MEAN_GAIN * (ms - this.#mean)
    }
  }

  /** How long the node waits for an answer before it asks other peers, in ms: from MIN_ANSWER_MS to MAX_ANSWER_MS. */
  get wait (): number {
    const expected = this.#mean == null ? MAX_ANSWER_MS : this.#mean + DEVIATIONS * this.#deviation

    return Math.min(MAX_ANSWER_MS, Math.max(MIN_ANSWER_MS, expected))
  }
}

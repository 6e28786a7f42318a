import { MAX_RANGE_BLOCKS } from '../serve/server.ts'

/** Full answers in a row after which a peer that has answered short is asked for more again. */
export const FULL_ANSWERS = 8

/**
 * How many blocks a peer answers a request with. Both ends charge a request for the blocks that it asks for, whatever comes: a
 * request for more than comes uses up the budget for nothing. So one request alone tries for more, however many are under way.
 */
export class AnswerSize {
  #max = Infinity
  /** Full answers in a row to requests for the most. */
  #full = 0

  /** Blocks to ask for in one go, 1 or more; `Infinity` where no answer was short. */
  get max (): number {
    return this.#full < FULL_ANSWERS ? this.#max : 2 * this.#max
  }

  /** Takes note of a request for so many blocks. */
  onAsk (asked: number): void {
    if (asked > this.#max) {
      this.#full = 0
    }
  }

  /** Takes note of an answer that is complete and not empty: how many blocks were asked for, and how many came. */
  onAnswer (asked: number, came: number): void {
    if (came < asked) {
      this.#max = came
      this.#full = 0
    } else if (asked > this.#max) {
      // a peer that goes on to answer in full is asked for more each time
      this.#max = asked < MAX_RANGE_BLOCKS ? asked : Infinity
      this.#full = FULL_ANSWERS
    } else if (asked === this.#max) {
      this.#full++
    }
  }
}

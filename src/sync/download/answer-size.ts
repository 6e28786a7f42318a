import { MAX_RANGE_BLOCKS } from '../serve/server.ts'

/** Full answers in a row after which a peer that has answered short is asked for more again. */
export const FULL_ANSWERS = 8

/**
 * How many blocks a peer answers a request with, as far as its answers show. A request counts for the blocks that it asks for at
 * both ends, whatever comes: to ask for more than comes is to wait for nothing.
 */
export class AnswerSize {
  #max = Infinity
  /** Answers in a row that had as many blocks as there were last time. */
  #full = 0

  /** Blocks to ask for in one go, 1 or more; `Infinity` where no answer was short. */
  get max (): number { return this.#max }

  /** To be called with each answer that is complete and not empty: how many blocks were asked for, and how many came. */
  onAnswer (asked: number, came: number): void {
    if (came < asked) {
      this.#max = came
      this.#full = 0
    } else if (asked >= this.#max && ++this.#full >= FULL_ANSWERS) {
      // one that goes on to answer in full is asked for more each time
      this.#max = this.#max * 2 < MAX_RANGE_BLOCKS ? this.#max * 2 : Infinity
    }
  }
}

import type { Clock } from '../../util/clock.ts'

/** Options of {@link FlushTurn}. */
export interface FlushTurnInit {
  /** Whether only urgent frames wait. */
  isUrgent: () => boolean
  /** Sends what waits. */
  flush: () => void
}

/**
 * Decides when the node sends what it has written: at the end of the turn of the event loop, so that it joins everything of one turn.
 * Urgent frames go before that, where nothing else waits: a turn is a good part of a round trip.
 */
export class FlushTurn {
  readonly #clock: Pick<Clock, 'afterTurn'>
  readonly #init: FlushTurnInit
  #isDue = false

  constructor (clock: Pick<Clock, 'afterTurn'>, init: FlushTurnInit) {
    this.#clock = clock
    this.#init = init
  }

  /** Whether a flush is scheduled. */
  get isDue (): boolean {
    return this.#isDue
  }

  /** Schedules a flush for what was written. */
  schedule (): void {
    if (!this.#isDue) {
      this.#isDue = true
      this.#clock.afterTurn(this.#flush)
    }

    if (this.#init.isUrgent()) {
      queueMicrotask(() => {
        if (this.#init.isUrgent()) {
          this.#flush()
        }
      })
    }
  }

  readonly #flush = (): void => {
    if (this.#isDue) {
      this.#isDue = false
      this.#init.flush()
    }
  }
}

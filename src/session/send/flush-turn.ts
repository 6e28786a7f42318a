// once per turn of the event loop
const defer: (callback: () => void) => void = typeof setImmediate === 'function' ? setImmediate : queueMicrotask

/** What {@link FlushTurn} is made with. */
export interface FlushTurnInit {
  /** Whether nothing waits but what is not to wait for more. */
  isUrgent: () => boolean
  /** Sends what waits. */
  flush: () => void
}

/**
 * When what was written is sent: at the end of the turn of the event loop, so that everything written in one turn is joined. What is
 * urgent goes before that, where nothing else waits: a turn is a good part of a round trip.
 */
export class FlushTurn {
  readonly #init: FlushTurnInit
  #isDue = false

  constructor (init: FlushTurnInit) {
    this.#init = init
  }

  /** Whether something is about to be sent. */
  get isDue (): boolean {
    return this.#isDue
  }

  /** To be called when something was written. */
  schedule (): void {
    if (!this.#isDue) {
      this.#isDue = true
      defer(this.#flush)
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

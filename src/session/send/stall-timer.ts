import { Deadline } from '../../util/deadline.ts'
import type { Clock } from '../../util/clock.ts'

/** What {@link StallTimer} is made with. */
export interface StallTimerInit {
  clock: Clock
  /** How long there may be no progress while there should be, in ms. */
  timeout: number
  /** Whether there should be. */
  isWaiting: () => boolean
  /** A number that is another one after each progress. */
  progress: () => number
  /** Called when there was none. */
  onStall: () => void
}

/** Runs while something waits, from anew with every progress. */
export class StallTimer {
  readonly #init: StallTimerInit
  readonly #deadline: Deadline
  #progress = 0

  constructor (init: StallTimerInit) {
    this.#init = init
    this.#deadline = new Deadline({ clock: init.clock, timeout: init.timeout, onExpired: () => { this.#onExpired() } })
  }

  /** To be called when there may be something to wait for, or nothing any more, or progress. */
  check (): void {
    if (!this.#init.isWaiting()) {
      this.#deadline.stop()
      return
    }

    const progress = this.#init.progress()

    if (!this.#deadline.isRunning || progress !== this.#progress) {
      this.#progress = progress
      this.#deadline.start()
    }
  }

  /** Ends it. */
  stop (): void {
    this.#deadline.stop()
  }

  // not every progress is told of
  #onExpired (): void {
    if (this.#init.progress() === this.#progress) {
      this.#init.onStall()
    } else {
      this.check()
    }
  }
}

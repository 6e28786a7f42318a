import { Deadline } from '../../util/deadline.ts'
import type { Clock } from '../../util/clock.ts'

/** Options of {@link StallTimer}. */
export interface StallTimerInit {
  clock: Clock
  /** How long there may be no progress while there should be some, in ms. */
  timeout: number
  /** Whether there should be progress. */
  isWaiting: () => boolean
  /** A number that changes with each progress. */
  progress: () => number
  /** Called when there was no progress. */
  onStall: () => void
}

/** Runs while frames wait for the peer. It starts anew with every progress. */
export class StallTimer {
  readonly #init: StallTimerInit
  /** Absent before something has waited. */
  #deadline: Deadline | undefined
  #progress = 0

  constructor (init: StallTimerInit) {
    this.#init = init
  }

  /** Starts or stops the timer, after what waits has changed or there was progress. */
  check (): void {
    if (!this.#init.isWaiting()) {
      this.#deadline?.stop()
      return
    }

    const progress = this.#init.progress()
    this.#deadline ??= this.#create()

    if (!this.#deadline.isRunning || progress !== this.#progress) {
      this.#progress = progress
      this.#deadline.start()
    }
  }

  /** Ends it. */
  stop (): void {
    this.#deadline?.stop()
  }

  #create (): Deadline {
    const { clock, timeout } = this.#init

    return new Deadline({ clock, timeout, onExpired: () => { this.#onExpired() } })
  }

  // the owner does not call check() for every progress
  #onExpired (): void {
    if (this.#init.progress() === this.#progress) {
      this.#init.onStall()
    } else {
      this.check()
    }
  }
}

import type { Clock } from '../../../util/clock.ts'

/** Holds back reads while a stream is paused, and for a while after a peer has sent too many small pieces. */
export class ReadGate {
  readonly #clock: Clock
  #isPaused = false
  #isEnded = false
  #timer: unknown
  #waiting: (() => void) | undefined

  constructor (clock: Clock) {
    this.#clock = clock
  }

  /** Resolves when there may be a read. One caller waits at a time. */
  async opened (): Promise<void> {
    if (!this.#isOpen) {
      await new Promise<void>((resolve) => { this.#waiting = resolve })
    }
  }

  pause (): void {
    this.#isPaused = true
  }

  resume (): void {
    this.#isPaused = false
    this.#wake()
  }

  /** Holds reads back for so many ms from now on. 0 changes nothing. */
  closeFor (ms: number): void {
    if (ms > 0 && !this.#isEnded) {
      this.#clock.clearTimeout(this.#timer)
      this.#timer = this.#clock.setTimeout(() => {
        this.#timer = undefined
        this.#wake()
      }, ms)
    }
  }

  /** Opens for good. */
  end (): void {
    this.#isEnded = true
    this.#clock.clearTimeout(this.#timer)
    this.#timer = undefined
    this.#wake()
  }

  get #isOpen (): boolean {
    return this.#isEnded || (!this.#isPaused && this.#timer == null)
  }

  #wake (): void {
    if (this.#isOpen) {
      this.#waiting?.()
      this.#waiting = undefined
    }
  }
}

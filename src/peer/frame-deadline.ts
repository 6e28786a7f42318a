import type { Clock } from '../clock.ts'

/** What {@link FrameDeadline} is made with. */
export interface FrameDeadlineInit {
  clock: Clock
  /** How long a frame may take from its first byte that waits for more, in ms. */
  timeout: number
  /** Called when a frame takes longer. */
  onLate: () => void
}

/**
 * Sees to it that a frame that was begun is completed in time, however its bytes trickle in. One timer serves all
 * frames and is set anew only when it fires: most frames are complete at once or soon after.
 */
export class FrameDeadline {
  readonly #init: FrameDeadlineInit
  /** When the frame that is not complete was begun. */
  #since: number | undefined
  #timer: unknown
  #isStopped = false

  constructor (init: FrameDeadlineInit) {
    this.#init = init
  }

  /** To be called when all bytes at hand are used up: `partial` where that is inside a frame. */
  onPartial (partial: boolean): void {
    this.#since = partial ? this.#since ?? this.#init.clock.now() : undefined

    if (partial && this.#timer == null && !this.#isStopped) {
      this.#watch(this.#init.timeout)
    }
  }

  /** To be called when a frame is complete. */
  onFrame (): void {
    this.#since = undefined
  }

  stop (): void {
    this.#isStopped = true
    this.#init.clock.clearTimeout(this.#timer)
  }

  #watch (delay: number): void {
    const { clock, timeout, onLate } = this.#init

    this.#timer = clock.setTimeout(() => {
      this.#timer = undefined

      if (this.#since == null) {
        return
      }

      const left = this.#since + timeout - clock.now()

      if (left > 0) {
        this.#watch(left)
      } else {
        onLate()
      }
    }, delay)
  }
}

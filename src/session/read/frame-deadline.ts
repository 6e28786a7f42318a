import { Deadline } from '../../util/deadline.ts'
import type { Clock } from '../../util/clock.ts'

/** What {@link FrameDeadline} is made with. */
export interface FrameDeadlineInit {
  clock: Clock
  /** How long a frame may take from its first byte that waits for more, in ms. */
  timeout: number
  /** Called when a frame takes longer. */
  onLate: () => void
  /** True while it is us who do not read: nobody is late then. */
  isHeldUp?: () => boolean
}

/**
 * Sees to it that a frame that was begun is completed in time, however its bytes trickle in. One timer serves all
 * frames: most frames are complete at once or soon after.
 */
export class FrameDeadline {
  readonly #deadline: Deadline
  #isStopped = false

  constructor ({ clock, timeout, onLate, isHeldUp = () => false }: FrameDeadlineInit) {
    this.#deadline = new Deadline({
      clock,
      timeout,
      onExpired: () => {
        if (isHeldUp()) {
          this.#deadline.start()
        } else {
          onLate()
        }
      }
    })
  }

  /** To be called when all bytes at hand are used up: `partial` where that is inside a frame. */
  onPartial (partial: boolean): void {
    if (!partial) {
      this.#deadline.meet()
    } else if (!this.#deadline.isRunning && !this.#isStopped) {
      this.#deadline.start()
    }
  }

  /** To be called when a frame is complete. */
  onFrame (): void {
    this.#deadline.meet()
  }

  /** To be called when we have not read for `ms`: that is not the remote's time. */
  forgive (ms: number): void {
    this.#deadline.forgive(ms)
  }

  stop (): void {
    this.#isStopped = true
    this.#deadline.stop()
  }
}

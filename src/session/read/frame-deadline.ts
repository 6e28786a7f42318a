import { Deadline } from '../../util/deadline.ts'
import type { Clock } from '../../util/clock.ts'

/** Options of {@link FrameDeadline}. */
export interface FrameDeadlineInit {
  clock: Clock
  /** How long a frame may take from its first byte to its last, in ms. */
  timeout: number
  /** Called when a frame takes longer. */
  onLate: () => void
  /** True while the node itself does not read: the peer is not late then. */
  isHeldUp?: () => boolean
}

/**
 * The deadline of a frame that has begun, however its bytes trickle in. One timer serves all frames: most are complete at once or soon.
 */
export class FrameDeadline {
  readonly #init: FrameDeadlineInit
  /** Absent before the first frame that was not complete at once. */
  #deadline: Deadline | undefined
  #isStopped = false

  constructor (init: FrameDeadlineInit) {
    this.#init = init
  }

  /** Takes note that the reader has used up all bytes: `partial` where that is inside a frame. */
  onPartial (partial: boolean): void {
    if (!partial) {
      this.#deadline?.meet()
    } else if (this.#deadline?.isRunning !== true && !this.#isStopped) {
      this.#deadline ??= this.#create()
      this.#deadline.start()
    }
  }

  /** Takes note that a frame is complete. */
  onFrame (): void {
    this.#deadline?.meet()
  }

  /** Takes note that the node has not read for `ms`: that does not count against the peer. */
  forgive (ms: number): void {
    this.#deadline?.forgive(ms)
  }

  stop (): void {
    this.#isStopped = true
    this.#deadline?.stop()
  }

  #create (): Deadline {
    const { clock, timeout, onLate, isHeldUp } = this.#init
    const deadline = new Deadline({
      clock,
      timeout,
      onExpired: () => {
        if (isHeldUp?.() === true) {
          deadline.start()
        } else {
          onLate()
        }
      }
    })

    return deadline
  }
}

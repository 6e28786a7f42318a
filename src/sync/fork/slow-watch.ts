import { BRANCH_BLOCKS_PER_SECOND, BRANCH_BYTES_PER_SECOND } from './branch-fetch.ts'
import type { Clock } from '../../util/clock.ts'

/** How often the node checks whether the blocks that follow our tip come slowly. */
export const SLOW_CHECK_MS = 1000

/** Watches whether what follows our tip comes at the least rate, which is the one of a branch. */
export class SlowWatch {
  readonly #clock: Clock
  readonly #onSlow: () => void
  #blocks = 0
  #bytes = 0
  #timer: unknown

  /** `onSlow` is called after each SLOW_CHECK_MS in which less has come. */
  constructor (clock: Clock, onSlow: () => void) {
    this.#clock = clock
    this.#onSlow = onSlow
    this.#start()
  }

  add (blocks: number, bytes: number): void {
    this.#blocks += blocks
    this.#bytes += bytes
  }

  stop (): void {
    this.#clock.clearTimeout(this.#timer)
  }

  #start (): void {
    this.#timer = this.#clock.setTimeout(() => {
      const isSlow = this.#blocks < BRANCH_BLOCKS_PER_SECOND && this.#bytes < BRANCH_BYTES_PER_SECOND
      this.#blocks = 0
      this.#bytes = 0
      this.#start()

      if (isSlow) {
        this.#onSlow()
      }
    }, SLOW_CHECK_MS)
  }
}

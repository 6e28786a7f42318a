import type { Clock } from '../../clock.ts'
import type { MessageStream } from '@libp2p/interface'

/** Reads no more from a stream for a while. The remote then has to wait: nothing is queued here. */
export class ReadPacer {
  readonly #stream: MessageStream
  readonly #clock: Clock
  #timer: unknown

  constructor (stream: MessageStream, clock: Clock) {
    this.#stream = stream
    this.#clock = clock
    stream.addEventListener('close', () => { this.#clearTimer() })
  }

  /** Pauses for so many ms from now on, in place of what was said before. 0 changes nothing. */
  pauseFor (ms: number): void {
    if (ms <= 0 || this.#stream.status !== 'open') {
      return
    }

    if (this.#timer == null) {
      this.#stream.pause()
    }

    this.#clearTimer()
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = undefined

      if (this.#stream.status === 'open') {
        this.#stream.resume()
      }
    }, ms)
  }

  #clearTimer (): void {
    this.#clock.clearTimeout(this.#timer)
    this.#timer = undefined
  }
}

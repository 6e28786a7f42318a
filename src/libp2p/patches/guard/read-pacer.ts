import type { Clock } from '../../../util/clock.ts'
import type { MessageStream } from '@libp2p/interface'

/**
 * Reads no more from a stream for a while. The remote then has to wait: nothing is queued here. Others may pause the stream
 * too: it goes on when both agree.
 */
export class ReadPacer {
  readonly #stream: MessageStream
  readonly #clock: Clock
  readonly #onResume: () => void
  readonly #pauseStream: () => void
  readonly #resumeStream: () => void
  #timer: unknown
  #isPausedByOthers = false
  #isResuming = false
  /** Asked for while the stream hands over what has come: a pause in between would be undone. */
  #pendingMs = 0

  /** `onResume` is called before the stream goes on. */
  constructor (stream: MessageStream, clock: Clock, onResume: () => void = () => {}) {
    this.#stream = stream
    this.#clock = clock
    this.#onResume = onResume
    this.#pauseStream = stream.pause.bind(stream)
    this.#resumeStream = stream.resume.bind(stream)

    stream.pause = () => {
      this.#isPausedByOthers = true
      this.#pauseStream()
    }

    stream.resume = () => {
      this.#isPausedByOthers = false
      this.#resume()
    }
  }

  /** Pauses for so many ms from now on, in place of an earlier pause. 0 changes nothing. A stream that cannot go on is aborted. */
  pauseFor (ms: number): void {
    if (ms <= 0 || this.#stream.status !== 'open') {
      return
    }

    if (this.#isResuming) {
      this.#pendingMs = ms

      return
    }

    this.#pauseStream()
    this.#clearTimer()
    // a listener costs memory, and few connections are ever paused
    this.#stream.addEventListener('close', this.#clearTimer, { once: true })
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = undefined

      // nothing else would catch it, and the process would end
      try {
        this.#resume()
      } catch (err) {
        this.#stream.abort(err as Error)
      }
    }, ms)
  }

  #resume (): void {
    if (this.#timer != null || this.#isPausedByOthers || this.#stream.status !== 'open') {
      return
    }

    this.#isResuming = true

    try {
      this.#onResume()
      this.#resumeStream()
    } finally {
      this.#isResuming = false
    }

    const ms = this.#pendingMs
    this.#pendingMs = 0
    this.pauseFor(ms)
  }

  readonly #clearTimer = (): void => {
    this.#clock.clearTimeout(this.#timer)
    this.#timer = undefined
  }
}

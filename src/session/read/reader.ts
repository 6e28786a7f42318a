import { FrameDeadline } from './frame-deadline.ts'
import { Inbox } from './inbox.ts'
import { FrameReader } from '../../codec/frame.ts'
import type { ReadingTurn } from './reading-turns.ts'
import type { DownloadLane } from '../../bandwidth/throttle.ts'
import type { Clock } from '../../util/clock.ts'
import type { Stream } from '@libp2p/interface'

/** Options of {@link Reader}. */
export interface ReaderInit {
  stream: Stream
  /** Whether the memory that the stream brings is freed as soon as it is read. */
  ownsMemory: boolean
  clock: Clock
  /** From the first byte of a frame to its last, in ms. */
  frameTimeout: number
  /** The largest frame that may come now, in bytes. */
  maxBytes: () => number
  /** Takes a frame. Returns what the reader waits for before it takes the next one. */
  onFrame: (frame: Uint8Array) => Promise<void> | undefined
  /** The cap on what the node receives. Closed with the reader. */
  download: DownloadLane
  /** Its part of the time in which the node reads. Closed with the reader. */
  turn: ReadingTurn
  /** Called when a frame is not complete in time. */
  onLate: () => void
}

/**
 * Cuts what a stream brings into frames, and hands them on one after the other. While the node does not read on, the peer cannot send more
 * than the window of the stream allows.
 */
export class Reader {
  readonly #init: ReaderInit
  readonly #inbox: Inbox
  readonly #deadline: FrameDeadline
  #isHeldUp = false
  #isClosed = false
  /** Until when the node reads nothing, by the clock; 0 where there is no such time. */
  #pausedUntil = 0
  #pause: { timer: unknown, end: () => void } | undefined

  /** Listens to the stream at once. */
  constructor (init: ReaderInit) {
    const { stream, ownsMemory, clock, frameTimeout, download, onLate } = init
    this.#init = init
    this.#inbox = new Inbox(stream, { ownsMemory, pieceBytes: () => download.pieceBytes })
    this.#deadline = new FrameDeadline({ clock, timeout: frameTimeout, onLate, isHeldUp: () => this.#isHeldUp })
  }

  /** True while the node itself does not read. */
  get isHeldUp (): boolean { return this.#isHeldUp }

  /** Bytes that wait to be read. */
  get bufferedBytes (): number { return this.#inbox.bufferedBytes }

  /** Bytes received so far. */
  get receivedBytes (): number { return this.#inbox.receivedBytes }

  /**
   * Reads until the peer has ended its side, or {@link close} is called. Throws a DecodeError for what is not a frame, what `onFrame`
   * throws, and the error that broke the stream.
   */
  async run (): Promise<void> {
    const { maxBytes, download, turn } = this.#init
    const frames = new FrameReader({ maxBytes, onPartial: (partial) => { this.#deadline.onPartial(partial) } })

    for (let next = this.#inbox.next(); next != null; next = this.#inbox.next()) {
      if (next instanceof Promise) {
        await next
        continue
      }

      const throttled = download.take(next.byteLength)

      for (const frame of frames.cut(next)) {
        if (this.#isClosed) {
          return
        }

        this.#deadline.onFrame()
        const wait = this.#init.onFrame(frame) ?? this.#paused() ?? turn.next()

        if (wait != null) {
          await this.#waitFor(wait)
        }
      }

      if (throttled != null) {
        await this.#waitFor(throttled)
      }
    }

    if (!this.#isClosed) {
      frames.end()
    }
  }

  /** Reads nothing more for `ms`, after the frame at hand. */
  pauseFor (ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#init.clock.now() + ms)
  }

  /** Drops what waits, and ends. */
  close (): void {
    this.#isClosed = true
    this.#deadline.stop()
    this.#inbox.close()
    this.#init.download.close()
    this.#init.turn.close()
    this.#init.clock.clearTimeout(this.#pause?.timer)
    this.#pause?.end()
  }

  async #waitFor (wait: Promise<void>): Promise<void> {
    const { clock } = this.#init
    const since = clock.now()
    this.#isHeldUp = true

    try {
      await wait
      await this.#paused()
    } finally {
      this.#isHeldUp = false
      this.#deadline.forgive(clock.now() - since)
    }
  }

  /** Resolves when the pause is over, if there is one. */
  #paused (): Promise<void> | undefined {
    if (this.#pausedUntil === 0 || this.#isClosed) {
      return undefined
    }

    const { clock } = this.#init
    const ms = this.#pausedUntil - clock.now()
    this.#pausedUntil = 0

    return ms <= 0
      ? undefined
      : new Promise((resolve) => {
          this.#pause = { timer: clock.setTimeout(resolve, ms), end: resolve }
        })
  }
}

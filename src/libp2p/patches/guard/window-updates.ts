import { HEADER_BYTES, readUint32 } from './yamux-rules.ts'
import type { Clock } from '../../../util/clock.ts'
import type { Uint8ArrayList } from 'uint8arraylist'

/** https://github.com/hashicorp/yamux/blob/master/spec.md#type-field */
const WINDOW_UPDATE_TYPE = 1

/**
 * How many bytes of a stream may be read before its window is given back: a sixteenth of the smallest window. Other implementations wait
 * for half of it.
 */
export const MAX_WITHHELD_BYTES: number = 16 * 1024

/** How long fewer bytes wait, in ms. A sender of js-libp2p whose connection was full may wait for the update of its last frame. */
export const MAX_WITHHELD_MS = 1000

/** Options of {@link WindowUpdates}. */
export interface WindowUpdatesInit {
  clock: Clock
  /** Whether a stream is there still: what ends with its last data has its window given back after that. */
  isOpen: (streamId: number) => boolean
  /** Sends a frame by itself. */
  send: (frame: Uint8Array) => void
  /** What `send` has thrown when the time was over: nothing is there that would catch it, and the process would end. */
  onError: (err: Error) => void
}

/**
 * Joins the window updates of what is read, to one for each stream. The muxer sends one for each frame of data, each a message of Noise by
 * itself: 5000 frames of one byte in one message would cost half a second, and nodes with small messages nearly half of their writes.
 *
 * What is small waits for data that is sent anyway, and goes before it.
 */
export class WindowUpdates {
  readonly #init: WindowUpdatesInit
  /** By stream, in bytes; absent where nothing is held. At most one for each stream of the muxer. */
  #held: Map<number, number> | undefined
  #isReading = false
  #timer: unknown

  constructor (init: WindowUpdatesInit) {
    this.#init = init
  }

  /** Holds window updates back from now on: the muxer is about to read. */
  hold (): void {
    this.#isReading = true
  }

  /** Whether a frame that the muxer sends is held back. */
  take (frame: Uint8Array | Uint8ArrayList): boolean {
    if (!this.#isReading || !(frame instanceof Uint8Array) || frame[1] !== WINDOW_UPDATE_TYPE || frame[2] !== 0 || frame[3] !== 0) {
      return false
    }

    const streamId = readUint32(frame, 4)
    this.#held ??= new Map()
    this.#held.set(streamId, (this.#held.get(streamId) ?? 0) + readUint32(frame, 8))

    return true
  }

  /** The muxer has read: sends what is due, and the rest in {@link MAX_WITHHELD_MS} at the latest. */
  release (): void {
    this.#isReading = false

    for (const [streamId, bytes] of this.#held ?? []) {
      if (!this.#init.isOpen(streamId)) {
        this.forget(streamId)
      } else if (bytes >= MAX_WITHHELD_BYTES) {
        this.forget(streamId)
        this.#init.send(updateOf(streamId, bytes))
      }
    }

    if (this.#held != null) {
      this.#timer ??= this.#init.clock.setTimeout(() => { this.#sendLate() }, MAX_WITHHELD_MS)
    }
  }

  /** What is held back, to be sent before data: one frame after the other. */
  takeAll (): Uint8Array | undefined {
    if (this.#held == null) {
      return undefined
    }

    const frames = this.#take()

    return frames.length === 1 ? frames[0] : joined(frames)
  }

  /** A stream has ended: nothing more comes on it. */
  forget (streamId: number): void {
    if (this.#held?.delete(streamId) === true && this.#held.size === 0) {
      this.#clear()
    }
  }

  #sendLate (): void {
    try {
      this.#take().forEach((frame) => { this.#init.send(frame) })
    } catch (err) {
      this.#init.onError(err as Error)
    }
  }

  #take (): Uint8Array[] {
    const frames = Array.from(this.#held ?? [], ([streamId, bytes]) => updateOf(streamId, bytes))
    this.#clear()

    return frames
  }

  #clear (): void {
    this.#init.clock.clearTimeout(this.#timer)
    this.#timer = undefined
    this.#held = undefined
  }
}

function updateOf (streamId: number, bytes: number): Uint8Array {
  const frame = new Uint8Array(HEADER_BYTES)
  const view = new DataView(frame.buffer)
  frame[1] = WINDOW_UPDATE_TYPE
  view.setUint32(4, streamId)
  view.setUint32(8, bytes)

  return frame
}

function joined (frames: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(frames.length * HEADER_BYTES)
  frames.forEach((frame, i) => { all.set(frame, i * HEADER_BYTES) })

  return all
}

import { HEADER_BYTES, readUint32 } from './yamux-rules.ts'
import type { Uint8ArrayList } from 'uint8arraylist'

/** https://github.com/hashicorp/yamux/blob/master/spec.md#type-field */
const WINDOW_UPDATE_TYPE = 1

/**
 * Joins the window updates of what is read at once, to one for each stream. The muxer sends one for each frame of data, each a message of
 * Noise by itself: 5000 frames of one byte in one message would cost half a second.
 *
 * None is held for longer than it takes to read: a sender may wait for the one that follows its last frame.
 */
export class WindowUpdates {
  /** By stream, in bytes; absent where nothing is held. */
  #held: Map<number, number> | undefined
  #isHolding = false

  /** Holds window updates back from now on: the muxer is about to read. */
  hold (): void {
    this.#isHolding = true
  }

  /** Whether a frame that the muxer sends is held back. */
  take (frame: Uint8Array | Uint8ArrayList): boolean {
    if (!this.#isHolding || !(frame instanceof Uint8Array) || frame[1] !== WINDOW_UPDATE_TYPE || frame[2] !== 0 || frame[3] !== 0) {
      return false
    }

    const streamId = readUint32(frame, 4)
    this.#held ??= new Map()
    this.#held.set(streamId, (this.#held.get(streamId) ?? 0) + readUint32(frame, 8))

    return true
  }

  /** Sends what is held back, one update for each stream: the muxer has read. */
  release (send: (frame: Uint8Array) => void): void {
    this.#isHolding = false

    for (const [streamId, bytes] of this.#held ?? []) {
      const frame = new Uint8Array(HEADER_BYTES)
      const view = new DataView(frame.buffer)
      frame[1] = WINDOW_UPDATE_TYPE
      view.setUint32(4, streamId)
      view.setUint32(8, bytes)
      send(frame)
    }

    this.#held = undefined
  }
}

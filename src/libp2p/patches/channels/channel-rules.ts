import { FULL_FRAME_BYTES } from '../guard/muxer-limits.ts'
import { ProtocolViolationError } from '../../../errors.ts'

/**
 * The largest frame on a data channel of WebRTC: what a browser sends at most in one message. Implementations of libp2p send 16 KiB.
 *
 * @remarks The guard cuts the connection on the length, before any of the frame is kept.
 */
export const MAX_CHANNEL_FRAME_BYTES: number = 256 * 1024

/** The length before a frame, in bytes: three hold {@link MAX_CHANNEL_FRAME_BYTES}. */
export const MAX_CHANNEL_LENGTH_BYTES = 3

/**
 * Reads along what comes on a data channel: frames, each with its length before it, in messages that are cut anywhere. It keeps none of
 * it, and refuses a length that is too long before the reader of @libp2p/webrtc has seen it, which takes 4 MiB.
 */
export class ChannelRules {
  #length = 0
  #lengthBytes = 0
  /** Bytes that are missing of a frame. */
  #missing = 0

  /** Looks at the next message. Returns what it costs, in small frames. Throws a {@link ProtocolViolationError}. */
  push (bytes: Uint8Array): number {
    let frames = 0

    for (let at = 0; at < bytes.byteLength;) {
      if (this.#missing > 0) {
        const taken = Math.min(this.#missing, bytes.byteLength - at)
        this.#missing -= taken
        at += taken
      } else {
        frames += this.#takeLength(bytes[at++]!)
      }
    }

    return Math.max(frames, 1) * Math.max(0, 1 - bytes.byteLength / Math.max(frames, 1) / FULL_FRAME_BYTES)
  }

  /** Returns how many frames begin: 1 where that was the last byte of a length. */
  #takeLength (byte: number): number {
    this.#length += (byte & 0x7f) * 2 ** (7 * this.#lengthBytes++)

    if (byte >= 0x80 && this.#lengthBytes < MAX_CHANNEL_LENGTH_BYTES) {
      return 0
    }

    if (byte >= 0x80 || this.#length > MAX_CHANNEL_FRAME_BYTES) {
      throw new ProtocolViolationError(`A frame on a data channel of more than ${MAX_CHANNEL_FRAME_BYTES} bytes`)
    }

    this.#missing = this.#length
    this.#length = 0
    this.#lengthBytes = 0

    return 1
  }
}

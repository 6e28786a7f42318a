import { FULL_FRAME_BYTES, MAX_EMPTY_NOISE_MESSAGES, MAX_READ_MESSAGES } from './muxer-limits.ts'
import { MuxerLimitError, ProtocolViolationError } from '../../../errors.ts'
import type { Uint8ArrayList } from 'uint8arraylist'

/** The tag at the end of an encrypted message, in bytes. The two messages without one, at the beginning, are longer. */
const TAG_BYTES = 16

/**
 * Reads along the messages of Noise, each with its length in two bytes before it, and refuses those that hold nothing. They never get to
 * the muxer, so that no other guard counts them.
 */
export class NoiseRules {
  /** The first byte of a length whose second has not come. */
  #highByte: number | undefined
  /** Bytes that are missing of a message. */
  #missing = 0
  #openBytes = 0
  #emptyMessages = 0

  /** How many bytes at the end of what was pushed last belong to a message that is not complete. */
  get openBytes (): number {
    return this.#openBytes
  }

  /**
   * Looks at what was read at once, cut anywhere. Returns what it costs, in small frames. Throws what the
   * connection has to be cut for: a {@link ProtocolViolationError}, or a {@link MuxerLimitError} for too much of something.
   */
  push (bytes: Uint8Array | Uint8ArrayList): number {
    let messages = 0
    this.#openBytes = 0

    for (const part of bytes instanceof Uint8Array ? [bytes] : bytes) {
      for (let at = 0; at < part.byteLength;) {
        if (this.#missing > 0) {
          const taken = Math.min(this.#missing, part.byteLength - at)
          this.#missing -= taken
          this.#openBytes = this.#missing === 0 ? 0 : this.#openBytes + taken
          at += taken
        } else if (this.#highByte == null) {
          this.#highByte = part[at++]!
          this.#openBytes++
        } else {
          this.#openBytes++
          this.#onLength((this.#highByte << 8) + part[at++]!)
          messages++
        }
      }
    }

    if (messages > MAX_READ_MESSAGES) {
      throw new MuxerLimitError('More messages of Noise at once than there may be')
    }

    return Math.max(0, 1 - bytes.byteLength / FULL_FRAME_BYTES)
  }

  #onLength (length: number): void {
    if (length < TAG_BYTES) {
      throw new ProtocolViolationError(`A message of Noise of ${length} bytes`)
    }

    if (length === TAG_BYTES && ++this.#emptyMessages > MAX_EMPTY_NOISE_MESSAGES) {
      throw new MuxerLimitError('More messages of Noise that hold nothing than there may be')
    }

    this.#highByte = undefined
    this.#missing = length
  }
}

import { encode } from 'it-length-prefixed'
import { MAX_FRAME_BYTES } from './limits.ts'
import { cut, received } from '../memory/pool.ts'
import { broken } from './wire/rule.ts'
import { DecodeError, EncodeError } from '../errors.ts'
import type { Uint8ArrayList } from 'uint8arraylist'

/** The length of a frame (2^35 - 1). The node refuses a longer one, whatever it says. */
export const MAX_LENGTH_BYTES = 5

/** The unit of each byte of a length. */
const LENGTH_UNITS = [1, 2 ** 7, 2 ** 14, 2 ** 21, 2 ** 28]

/**
 * The first memory of a frame that is still coming. Later it gets twice what has come, so that a declared length costs nothing.
 */
const FIRST_BYTES = 4096
const NO_BYTES = new Uint8Array(0)

/**
 * Puts the length in front of an encoded message.
 * Throws an {@link EncodeError} where it is empty or over `maxBytes`.
 */
export function encodeFrame (message: Uint8Array, maxBytes: number = MAX_FRAME_BYTES): Uint8Array {
  if (message.byteLength === 0 || message.byteLength > maxBytes) {
    throw new EncodeError(`Expected a message of 1 to ${maxBytes} bytes, got ${message.byteLength}`)
  }

  return encode.single(message, { maxDataLength: maxBytes }).subarray()
}

/** Options of {@link FrameReader}. */
export interface FrameReaderInit {
  /** The largest frame that may come now. Asked at each frame, before its body comes. */
  maxBytes: () => number
  /** Called when the reader has used up all bytes: true where that is inside a frame, whose rest has to come. */
  onPartial?: (partial: boolean) => void
}

/**
 * Cuts a stream of bytes, in chunks of any size, into frames. Holds at most one frame and one chunk.
 */
export class FrameReader {
  readonly #init: FrameReaderInit
  /** The length of the frame under way, as far as it has come, in how many bytes, and whether these are all. */
  #length = 0
  #lengthBytes = 0
  #lengthDone = false
  /** Memory for the frame under way, and how much of it is filled. */
  #body: Uint8Array<ArrayBuffer> = NO_BYTES
  #filled = 0
  /** How much of the bytes at hand was read, and their memory. */
  #offset = 0
  #memory: ArrayBufferLike = NO_BYTES.buffer

  constructor (init: FrameReaderInit) {
    this.#init = init
  }

  /**
   * The bodies of the frames in `source`, each in memory of its own.
   * Throws a {@link DecodeError} for a length that cannot be, and when the source ends inside a frame.
   */
  async * read (source: AsyncIterable<Uint8Array | Uint8ArrayList>): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      yield * this.cut(chunk)
    }

    this.end()
  }

  /**
   * The bodies of the frames that are complete with the next chunk, each in memory of its own. The chunk is cut as they
   * are taken. Throws a {@link DecodeError} for a length that cannot be.
   */
  * cut (chunk: Uint8Array | Uint8ArrayList): Generator<Uint8Array, void> {
    let following = chunk.byteLength

    // a list is not joined first: each byte of it would be copied twice
    for (const bytes of chunk instanceof Uint8Array ? [chunk] : chunk) {
      following -= bytes.byteLength
      this.#offset = 0
      this.#memory = bytes.buffer

      for (let body = this.#next(bytes, following); body != null; body = this.#next(bytes, following)) {
        yield body
      }
    }

    // a reader that waits keeps nothing of it
    this.#memory = NO_BYTES.buffer
    this.#init.onPartial?.(this.#lengthBytes > 0)
  }

  /** The next frame that is complete with these bytes. `following` more bytes have come behind them. */
  #next (bytes: Uint8Array, following: number): Uint8Array | undefined {
    while (this.#offset < bytes.byteLength) {
      if (!this.#lengthDone) {
        this.#readLength(bytes[this.#offset++]!)
        continue
      }

      const start = this.#offset
      this.#offset = Math.min(bytes.byteLength, start + this.#length - this.#filled)
      const isWhole = this.#offset - start === this.#length

      if (!isWhole) {
        this.#append(this.#view(bytes, start), following)
      }

      if (isWhole || this.#filled === this.#length) {
        const body = isWhole ? copy(this.#view(bytes, start)) : this.#body
        this.#reset()

        return body
      }
    }

    return undefined
  }

  /** What was read of the bytes at hand, from `start` on. */
  #view ({ byteOffset }: Uint8Array, start: number): Uint8Array {
    return cut(this.#memory, byteOffset + start, byteOffset + this.#offset)
  }

  /** Ends the stream of chunks. Throws a {@link DecodeError} where that is inside a frame. */
  end (): void {
    if (this.#lengthBytes > 0) {
      throw new DecodeError('The stream ended inside a frame', { truncated: true })
    }
  }

  #readLength (byte: number): void {
    this.#length += (byte & 0x7f) * LENGTH_UNITS[this.#lengthBytes]!
    this.#lengthBytes++

    if (byte < 0x80) {
      this.#checkLength(byte)
      this.#lengthDone = true
    } else if (this.#lengthBytes === MAX_LENGTH_BYTES) {
      broken('frame-length', `Expected the length of a frame in at most ${MAX_LENGTH_BYTES} bytes`)
    }
  }

  #checkLength (lastByte: number): void {
    if (this.#length === 0 && this.#lengthBytes === 1) {
      broken('frame-size', 'Expected a frame that is not empty')
    }

    if (lastByte === 0) {
      broken('frame-length', 'Expected the shortest form of a length')
    }

    const maxBytes = this.#init.maxBytes()

    if (this.#length > maxBytes) {
      broken('frame-size', `Expected a frame of at most ${maxBytes} bytes, got one of ${this.#length}`)
    }
  }

  /**
   * Copies what has come of the frame. A view would keep the whole chunk in memory for as long as the node keeps a hash of this frame. A
   * list of views would take minutes to join where a peer sends its frame byte by byte.
   */
  #append (bytes: Uint8Array, following: number): void {
    const filled = this.#filled + bytes.byteLength

    if (filled > this.#body.byteLength) {
      const bytes = Math.min(this.#length, Math.max(2 * (filled + following), FIRST_BYTES))
      // a transfer frees the old memory at once
      this.#body = this.#filled === 0 ? new Uint8Array(bytes) : new Uint8Array(this.#body.buffer.transfer(bytes))
    }

    this.#body.set(bytes, this.#filled)
    this.#filled = filled
  }

  #reset (): void {
    this.#body = NO_BYTES
    this.#filled = 0
    this.#length = 0
    this.#lengthBytes = 0
    this.#lengthDone = false
  }
}

function copy (bytes: Uint8Array): Uint8Array {
  const memory = received.allocate(bytes.byteLength)
  memory.set(bytes)

  return memory
}

import { packReadBuffer } from '../../libp2p/patches/read-buffer.ts'
import { freePieces, withoutWaste } from '../../memory/pieces.ts'
import type { Stream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface'
import type { Uint8ArrayList } from 'uint8arraylist'

type Chunk = Uint8Array | Uint8ArrayList

/** What {@link Inbox} is made with, beside the stream. */
export interface InboxInit {
  /** The most that is handed to the consumer in one go, in bytes, from 1. As much as there is, unless given. */
  pieceBytes?: () => number
  /** Whether nobody else looks at what the stream brings: it is given back when the consumer asks for the next. It is not unless so. */
  ownsMemory?: boolean
}

/**
 * What waits in the inbox of a peer.
 *
 * @remarks The node reads nothing more of the peer until all of it is taken. The peer's messages come late, and none is lost.
 */
export const INBOX_BYTES: number = 256 * 1024

/** Chunks that wait in the inbox of a peer: each costs memory however small it is. */
export const INBOX_CHUNKS = 1024

/**
 * What libp2p's buffer of a paused stream has to hold: the largest window of Yamux, 16 MiB unless configured, and one more chunk.
 *
 * A peer goes on sending until the window is full. libp2p resets a stream whose buffer is full, and makes it 4 MiB.
 */
export const READ_BUFFER_BYTES: number = 16 * 1024 * 1024 + 64 * 1024

/**
 * The bytes that a stream received, as an async iterable for one consumer that holds the sender back.
 *
 * A libp2p stream's own iterator takes everything at once into a queue without bound. This one pauses the stream:
 * what is buffered stays below INBOX_BYTES plus what the stream may hand over in one piece, which is its receive window.
 */
export class Inbox implements AsyncIterable<Chunk> {
  readonly #stream: Stream
  readonly #pieceBytes: () => number
  readonly #ownsMemory: boolean
  #chunks: Chunk[] = []
  #bufferedBytes = 0
  #receivedBytes = 0
  #ended = false
  #isClosed = false
  #isResuming = false
  #error: Error | undefined
  #wake: (() => void) | undefined

  /**
   * Listens at once: a stream without a listener is reset when its buffer is full. One that was paused gives all that its window let
   * in as one chunk, which is why what is handed on may be bounded.
   */
  constructor (stream: Stream, { pieceBytes = () => Infinity, ownsMemory = false }: InboxInit = {}) {
    this.#stream = stream
    this.#pieceBytes = pieceBytes
    this.#ownsMemory = ownsMemory
    packReadBuffer(stream)
    stream.maxReadBufferLength = Math.max(stream.maxReadBufferLength, READ_BUFFER_BYTES)
    this.#ended = this.#isExhausted
    stream.addEventListener('message', this.#onMessage)
    stream.addEventListener('end', this.#onEnd, { once: true })
    stream.addEventListener('close', this.#onClose, { once: true })
  }

  /** Bytes that wait for the consumer here. */
  get bufferedBytes (): number {
    return this.#bufferedBytes
  }

  /** Bytes received so far. */
  get receivedBytes (): number {
    return this.#receivedBytes
  }

  /** Drops what waits and what still comes, and ends the iteration. The stream goes on being read, into nothing. */
  close (): void {
    this.#isClosed = true
    this.#ended = true
    this.#chunks = []
    this.#bufferedBytes = 0
    this.#resume()
    this.#notify()
  }

  /** Ends when the remote has ended its side and everything was taken; throws when the stream broke. */
  async * [Symbol.asyncIterator] (): AsyncGenerator<Chunk> {
    while (true) {
      for (const piece of this.#take()) {
        if (this.#isClosed) {
          return
        }

        this.#bufferedBytes -= piece.byteLength
        yield piece

        if (this.#ownsMemory) {
          freePieces(piece)
        }
      }

      if (this.#chunks.length > 0) {
        continue
      }

      if (this.#error != null) {
        throw this.#error
      }

      if (this.#ended) {
        return
      }

      this.#resume()

      if (this.#chunks.length === 0 && !this.#isOver()) {
        await new Promise<void>((resolve) => { this.#wake = resolve })
      }
    }
  }

  * #take (): Generator<Chunk> {
    const chunks = this.#chunks
    this.#chunks = []

    for (const chunk of chunks) {
      if (chunk.byteLength <= this.#pieceBytes()) {
        yield chunk
      } else {
        yield * cut(chunk, this.#pieceBytes)
      }
    }
  }

  #isOver (): boolean {
    return this.#ended || this.#error != null
  }

  /** A stream that is refused at once says that it has ended, and still has what came with the answer to the negotiation. */
  get #isExhausted (): boolean {
    return this.#stream.readableEnded && this.#stream.readBufferLength === 0
  }

  readonly #onMessage = (event: StreamMessageEvent): void => {
    this.#receivedBytes += event.data.byteLength

    if (this.#ended) {
      return
    }

    this.#chunks.push(withoutWaste(event.data))
    this.#bufferedBytes += event.data.byteLength
    this.#ended = this.#isExhausted
    this.#pauseWhenFull()
    this.#notify()
  }

  readonly #onEnd = (): void => {
    this.#ended = true
    this.#notify()
  }

  // a stream that closes in peace while it is paused still has what came until then: it comes when reading goes on
  readonly #onClose = (event: StreamCloseEvent): void => {
    this.#error ??= event.error
    this.#notify()
  }

  #pauseWhenFull (): void {
    const isFull = this.#bufferedBytes >= INBOX_BYTES || this.#chunks.length >= INBOX_CHUNKS

    if (isFull && !this.#isResuming && this.#stream.readStatus === 'readable') {
      this.#stream.pause()
    }
  }

  /**
   * Goes on reading. A stream first hands over what came while it was paused, and then tells the remote to go on: if it was
   * paused again in between, the remote would go on all the same.
   */
  #resume (): void {
    if (this.#stream.readStatus !== 'paused') {
      return
    }

    this.#isResuming = true

    try {
      this.#stream.resume()
    } catch {
      // the connection is closed: there is nobody to tell, and what had come was handed over
    } finally {
      this.#isResuming = false
    }

    this.#pauseWhenFull()
  }

  #notify (): void {
    this.#wake?.()
    this.#wake = undefined
  }
}

/** A chunk in pieces. Nothing is copied, and the parts of a list are not searched for each: a remote chooses how many there are. */
function * cut (chunk: Chunk, maxBytes: () => number): Generator<Uint8Array> {
  for (const part of chunk instanceof Uint8Array ? [chunk] : chunk) {
    for (let start = 0; start < part.byteLength;) {
      const end = Math.min(part.byteLength, start + maxBytes())
      yield part.subarray(start, end)
      start = end
    }
  }
}

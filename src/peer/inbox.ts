import type { Stream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface'
import type { Uint8ArrayList } from 'uint8arraylist'

type Chunk = Uint8Array | Uint8ArrayList

/** Reading is paused once this much waits, and resumed when all of it is taken. */
export const INBOX_BYTES: number = 256 * 1024

/** The same for the number of chunks, which cost memory however small they are. */
export const INBOX_CHUNKS = 1024

/**
 * The bytes that a stream received, as an async iterable for one consumer that holds the sender back.
 *
 * A libp2p stream's own iterator takes everything at once into a queue without bound. This one pauses the stream:
 * what is buffered stays below INBOX_BYTES plus what the stream may hand over in one piece, which is its receive window.
 */
export class Inbox implements AsyncIterable<Chunk> {
  readonly #stream: Stream
  #chunks: Chunk[] = []
  #bufferedBytes = 0
  #receivedBytes = 0
  #ended = false
  #error: Error | undefined
  #wake: (() => void) | undefined

  /** Listens at once: a stream without a listener is reset when its buffer is full. */
  constructor (stream: Stream) {
    this.#stream = stream
    stream.addEventListener('message', this.#onMessage)
    stream.addEventListener('end', this.#onEnd)
    stream.addEventListener('close', this.#onClose)
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
    this.#ended = true
    this.#chunks = []
    this.#bufferedBytes = 0
    this.#resume()
    this.#notify()
  }

  /** Ends when the remote has ended its side and everything was taken; throws when the stream broke. */
  async * [Symbol.asyncIterator] (): AsyncGenerator<Chunk> {
    while (true) {
      const chunks = this.#chunks
      this.#chunks = []

      for (const chunk of chunks) {
        this.#bufferedBytes = Math.max(0, this.#bufferedBytes - chunk.byteLength)
        yield chunk
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

  #isOver (): boolean {
    return this.#ended || this.#error != null
  }

  readonly #onMessage = (event: StreamMessageEvent): void => {
    this.#receivedBytes += event.data.byteLength

    if (this.#ended) {
      return
    }

    this.#chunks.push(event.data)
    this.#bufferedBytes += event.data.byteLength

    if ((this.#bufferedBytes >= INBOX_BYTES || this.#chunks.length >= INBOX_CHUNKS) && this.#stream.readStatus === 'readable') {
      this.#stream.pause()
    }

    this.#notify()
  }

  readonly #onEnd = (): void => {
    this.#ended = true
    this.#notify()
  }

  readonly #onClose = (event: StreamCloseEvent): void => {
    this.#error ??= event.error
    this.#notify()
    this.#stream.removeEventListener('message', this.#onMessage)
    this.#stream.removeEventListener('end', this.#onEnd)
    this.#stream.removeEventListener('close', this.#onClose)
  }

  #resume (): void {
    if (this.#stream.readStatus === 'paused') {
      this.#stream.resume()
    }
  }

  #notify (): void {
    this.#wake?.()
    this.#wake = undefined
  }
}

import { packReadBuffer } from '../../libp2p/patches/read-buffer.ts'
import { freePieces, withoutWaste } from '../../memory/pieces.ts'
import type { Stream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface'
import type { Uint8ArrayList } from 'uint8arraylist'

type Chunk = Uint8Array | Uint8ArrayList

/** Options of {@link Inbox}. */
export interface InboxInit {
  /** The largest piece that the consumer gets, in bytes, from 1. No limit by default. */
  pieceBytes?: () => number
  /** Whether only the consumer reads the memory that the stream brings. It is then freed when the consumer asks for the next piece. */
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
 * What libp2p's buffer of a paused stream has to hold: the largest window of Yamux, 16 MiB by default, and one more chunk.
 *
 * A peer goes on sending until the window is full. libp2p resets a stream whose buffer is full, and makes it 4 MiB.
 */
export const READ_BUFFER_BYTES: number = 16 * 1024 * 1024 + 64 * 1024

/**
 * The bytes that a stream receives, for one consumer: it takes what waits, and waits for more.
 *
 * The own iterator of a libp2p stream takes everything at once into a queue without bound. This one pauses the stream. It holds less than
 * {@link INBOX_BYTES}, and what the stream hands over in one piece, which is at most its receive window.
 */
export class Inbox {
  readonly #stream: Stream
  readonly #pieceBytes: () => number
  readonly #ownsMemory: boolean
  /** What has come, and what the consumer takes of it: both go on at the same time. */
  #chunks: Chunk[] = []
  #taken: Chunk[] = []
  /** How many chunks of {@link #taken} were taken. */
  #at = 0
  /** The rest of a chunk that is handed over in pieces. */
  #pieces: Iterator<Uint8Array> | undefined
  /** What the consumer has now. */
  #used: Chunk | undefined
  #bufferedBytes = 0
  #receivedBytes = 0
  #ended = false
  #isResuming = false
  #error: Error | undefined
  #wake: (() => void) | undefined

  /**
   * Listens at once: libp2p resets a stream without a listener when its buffer is full. A stream that was paused hands over all of its
   * window as one chunk: `pieceBytes` bounds what the consumer gets of it.
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

  /** Drops what waits and what still comes, and ends. The node still reads the stream, into nothing. */
  close (): void {
    this.#ended = true
    this.#chunks = []
    this.#taken = []
    this.#at = 0
    this.#pieces = undefined
    this.#bufferedBytes = 0
    this.#resume()
    this.#notify()
  }

  /**
   * The next piece of what has come; where nothing has, what the consumer waits for before it asks again. `undefined` when the peer has
   * ended its side and nothing more comes. The piece before is used up, and its memory may be freed.
   * Throws the error that broke the stream.
   */
  next (): Chunk | Promise<void> | undefined {
    if (this.#ownsMemory && this.#used != null) {
      freePieces(this.#used)
    }

    this.#used = this.#take()

    if (this.#used == null) {
      return this.#more()
    }

    this.#bufferedBytes -= this.#used.byteLength

    return this.#used
  }

  #more (): Promise<void> | undefined {
    if (this.#error != null) {
      throw this.#error
    }

    if (this.#ended) {
      return undefined
    }

    this.#resume()

    return this.#chunks.length > 0 || this.#isOver() ? Promise.resolve() : new Promise((resolve) => { this.#wake = resolve })
  }

  #take (): Chunk | undefined {
    const piece = this.#pieces?.next()

    if (piece?.done === false) {
      return piece.value
    }

    this.#pieces = undefined

    if (this.#at === this.#taken.length) {
      [this.#taken, this.#chunks] = [this.#chunks, this.#taken]
      this.#chunks.length = 0
      this.#at = 0
    }

    const chunk = this.#taken[this.#at++]

    if (chunk == null) {
      this.#at = 0
      return undefined
    }

    if (chunk.byteLength <= this.#pieceBytes()) {
      return chunk
    }

    this.#pieces = cut(chunk, this.#pieceBytes)

    return this.#take()
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

    // what the consumer takes in this turn keeps nothing in memory for long
    const isTaken = this.#wake != null && this.#chunks.length === 0
    this.#chunks.push(isTaken ? event.data : withoutWaste(event.data))
    this.#bufferedBytes += event.data.byteLength
    this.#ended = this.#isExhausted
    this.#pauseWhenFull()
    this.#notify()
  }

  readonly #onEnd = (): void => {
    this.#ended = true
    this.#notify()
  }

  // a stream that closes without an error while it is paused still hands over what came until then, when it is resumed
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
   * Reads on. A stream first hands over what came while it was paused, and then tells the peer to go on, also where it is paused again in
   * between. So it is not paused in between.
   */
  #resume (): void {
    if (this.#stream.readStatus !== 'paused') {
      return
    }

    this.#isResuming = true

    try {
      this.#stream.resume()
    } catch {
      // the connection is closed: no peer is there to be told, and the stream has handed over what had come
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

/** A chunk in pieces. It copies nothing, and goes through the parts of a list once: a peer chooses how many there are. */
function * cut (chunk: Chunk, maxBytes: () => number): Generator<Uint8Array> {
  for (const part of chunk instanceof Uint8Array ? [chunk] : chunk) {
    for (let start = 0; start < part.byteLength;) {
      const end = Math.min(part.byteLength, start + maxBytes())
      yield part.subarray(start, end)
      start = end
    }
  }
}

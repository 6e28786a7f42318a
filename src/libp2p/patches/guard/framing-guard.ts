import type { Uint8ArrayList } from 'uint8arraylist'

/** The length of a line of multistream-select, while the ends agree on encryption, a muxer or a protocol. */
export const MAX_LINE_LENGTH_BYTES = 2

/** A line of multistream-select, its newline included. libp2p takes as much. */
export const MAX_LINE_BYTES = 1024

/** Lines that may come until a protocol is agreed on: each is answered, some with a list of all protocols. */
export const MAX_NEGOTIATION_LINES = 64

/** The length of a message of libp2p's own protocols: identify, DHT, AutoNAT, DCUtR, relays, the signals of WebRTC. */
export const MAX_MESSAGE_LENGTH_BYTES = 5

/**
 * Messages of one of libp2p's own protocols on one stream.
 *
 * A few are usual, and libp2p answers all that are there in one turn: 20,000 pings of the DHT, 60 KB, take more than a second.
 */
export const MAX_STREAM_MESSAGES = 256

/**
 * Messages of identify on one stream: one is usual, go-libp2p sends two.
 *
 * libp2p reads ten of 8 KiB, and makes one answer of them.
 */
export const MAX_IDENTIFY_MESSAGES = 4

/** The first line of either side, which names no protocol to agree on. */
const HEADER = '/multistream/1.0.0'

const NEWLINE = 0x0a

// a BOM that is left away would make a name of what is none
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** One for all that have none. */
const NO_LINE = new Uint8Array(0)

/**
 * How many messages of a protocol libp2p reads, which may be more than it needs. After one of a relay come the bytes that it passes on.
 * The protocol of the DHT is ours.
 */
const FRAMED: readonly (readonly [protocols: RegExp, framing: Framing])[] = [
  [/^\/ipfs\/id\/(push\/)?1\.0\.0$/, { most: MAX_IDENTIFY_MESSAGES, then: 'bad' }],
  [/^\/libp2p\/autonat\/2\//, { most: MAX_STREAM_MESSAGES, then: 'bad' }],
  [/^\/webrtc-signaling\/0\.0\.1$/, { most: MAX_STREAM_MESSAGES, then: 'bad' }],
  [/^\/libp2p\/dcutr$/, { most: MAX_STREAM_MESSAGES, then: 'bad' }],
  [/^\/vibecoin\/[^/]+\/kad\/1\.0\.0$/, { most: MAX_STREAM_MESSAGES, then: 'bad' }],
  [/^\/libp2p\/circuit\/relay\/0\.2\.0\/(hop|stop)$/, { most: 1, then: 'done' }]
]

/** How many messages are looked at, and what is to be done when they are over: end the stream at the next one, or look at nothing more. */
interface Framing {
  readonly most: number
  readonly then: 'bad' | 'done'
}

/** What is to be done with a stream: look at the next bytes too, look at nothing more, or end it. */
export type FramingVerdict = 'go on' | 'done' | 'bad'

/**
 * Reads along while a protocol is agreed on, and in the protocols of libp2p that have messages with lengths before them, and
 * finds lengths that are too long, and more than there may be. It keeps one line at most.
 *
 * The reader of libp2p (`lpStream` of @libp2p/utils 7.4.1) looks at the bound of a length only where the length ends: bytes
 * that each say that another one follows keep the process busy for as long as they come.
 */
export class FramingGuard {
  readonly #isAccepted: (protocol: string) => boolean
  #verdict: FramingVerdict = 'go on'
  /** `undefined` until a protocol is agreed on. */
  #framing: Framing | undefined
  /** Lines so far, and messages after them. */
  #lines = 0
  #messages = 0
  #line: Uint8Array = NO_LINE
  /** Of the length that is being read. */
  #length = 0
  #lengthBytes = 0
  /** Bytes that are missing of the line or message. */
  #missing = 0

  /** `isAccepted` says whether a line that comes is the protocol that is agreed on. */
  constructor (isAccepted: (protocol: string) => boolean) {
    this.#isAccepted = isAccepted
  }

  /** Looks at what comes next, cut anywhere. Once it is `done` or `bad` it stays so. */
  push (bytes: Uint8Array | Uint8ArrayList): FramingVerdict {
    for (const chunk of bytes instanceof Uint8Array ? [bytes] : bytes) {
      for (let at = 0; at < chunk.byteLength && this.#verdict === 'go on';) {
        at += this.#missing > 0 ? this.#takeBody(chunk.subarray(at)) : this.#takeLength(chunk[at]!)
      }
    }

    return this.#verdict
  }

  /** Both return how many bytes they took. */
  #takeLength (byte: number): number {
    this.#length += (byte & 0x7f) * 2 ** (7 * this.#lengthBytes++)

    if (byte < 0x80) {
      const length = this.#length
      this.#length = 0
      this.#lengthBytes = 0
      this.#begin(length)
    } else if (this.#lengthBytes >= (this.#framing == null ? MAX_LINE_LENGTH_BYTES : MAX_MESSAGE_LENGTH_BYTES)) {
      this.#verdict = 'bad'
    }

    return 1
  }

  #takeBody (bytes: Uint8Array): number {
    const taken = bytes.subarray(0, this.#missing)

    if (this.#framing == null) {
      this.#line.set(taken, this.#line.byteLength - this.#missing)
    }

    this.#missing -= taken.byteLength

    if (this.#missing === 0) {
      this.#end()
    }

    return taken.byteLength
  }

  #begin (length: number): void {
    this.#missing = length

    if (this.#framing == null) {
      if (length === 0 || length > MAX_LINE_BYTES || ++this.#lines > MAX_NEGOTIATION_LINES) {
        this.#verdict = 'bad'
      } else {
        this.#line = new Uint8Array(length)
      }
    } else if (++this.#messages > this.#framing.most) {
      this.#verdict = 'bad'
    } else if (length === 0) {
      this.#end()
    }
  }

  #end (): void {
    if (this.#framing == null) {
      this.#endLine()
    } else if (this.#framing.then === 'done' && this.#messages === this.#framing.most) {
      this.#verdict = 'done'
    }
  }

  #endLine (): void {
    if (this.#line.at(-1) !== NEWLINE) {
      this.#verdict = 'bad'

      return
    }

    // as libp2p reads it
    const name = decoder.decode(this.#line).trimEnd()

    if (name !== HEADER && this.#isAccepted(name)) {
      this.#line = NO_LINE
      this.#framing = FRAMED.find(([protocols]) => protocols.test(name))?.[1]
      this.#verdict = this.#framing == null ? 'done' : 'go on'
    }
  }
}

import { Allowance } from './allowance.ts'
import { FULL_FRAME_BYTES, NEW_STREAM_COST } from './muxer-limits.ts'
import { MuxerLimitError, ProtocolViolationError } from '../../../errors.ts'
import type { MuxerLimits } from './muxer-limits.ts'
import type { Clock } from '../../../util/clock.ts'
import type { Uint8ArrayList } from 'uint8arraylist'

/**
 * The header of a frame of Yamux.
 *
 * Version, type, flags (2), stream (4), length (4), big endian: https://github.com/hashicorp/yamux/blob/master/spec.md#framing
 */
export const HEADER_BYTES = 12

/** Control frames that each stream of either side explains: an acknowledgement, an end, a reset, and one for what crosses them. */
export const STREAM_CONTROL_FRAMES = 4

/** Window updates that are explained by what was sent and have not come yet. */
export const MAX_CONTROL_CREDIT: number = 64 * 1024

/** Data that may still come for streams that are gone. */
export const MAX_LATE_BYTES: number = 64 * 1024 * 1024

/** How much has to be sent for one more window update than there are data frames, in bytes. */
const BYTES_PER_UPDATE = 1024

/** https://github.com/hashicorp/yamux/blob/master/spec.md#type-field */
const DATA_TYPE = 0
const WINDOW_UPDATE_TYPE = 1
const PING_TYPE = 2
const GO_AWAY_TYPE = 3

/** https://github.com/hashicorp/yamux/blob/master/spec.md#flag-field */
const SYN_FLAG = 1

/** Options of {@link YamuxRules}. */
export interface YamuxRulesInit {
  limits: MuxerLimits
  clock: Clock
  /** What a new stream may receive, in bytes. */
  initialWindow: number
  /** How many more streams the remote may open now. */
  streamRoom: () => number
  /** What a stream may receive now, in bytes; `undefined` where there is no such stream. */
  windowOf: (streamId: number) => number | undefined
  /** Whether there is a session on this connection. */
  hasSession: () => boolean
}

/**
 * Reads along what a Yamux muxer receives, and refuses what no implementation sends, on the header of a frame: before any of its body
 * is kept. It keeps a header at most. `npm run attacks` shows what each rule is for.
 *
 * - Data may be as long as the window of its stream. For a stream that is gone, what its window had left may still come.
 * - A control frame is explained by a stream that was opened, or by what was sent: window updates answer that. Others are pings,
 *   empty frames and whatever is about no stream: so many at once, and so many a second.
 * - So are streams that the muxer refuses because there are too many.
 *
 * It only counts small frames and new streams: the reader slows down for them.
 */
export class YamuxRules {
  readonly #init: YamuxRulesInit
  readonly #refusedStreams: Allowance
  readonly #controlFrames: Allowance
  /** A header of which only a part has come. */
  #header: Uint8Array | undefined
  #headerBytes = 0
  /** Bytes that are missing of the data of a frame. */
  #missing = 0
  #openBytes = 0
  /** Streams that the muxer does not know yet. */
  #opening: Set<number> | undefined
  /** Of the streams so far, even ones and odd ones: each side has one kind. */
  readonly #highestIds = [0, 0]
  #controlCredit = 0
  #sentBytes = 0
  /** Of all streams that are gone together, and of one of them at most. */
  #lateBytes = 0
  #largestLateBytes = 0
  #isGoingAway = false

  constructor (init: YamuxRulesInit) {
    this.#init = init
    this.#refusedStreams = new Allowance(init.limits.refusedStreams, init)
    this.#controlFrames = new Allowance(init.limits.controlFrames, init)
  }

  /** How many bytes at the end of what was pushed last belong to a frame that is not complete. */
  get openBytes (): number {
    return this.#openBytes
  }

  /**
   * Looks at what comes next, cut anywhere. Returns what it costs, in small frames. Throws what the connection has to be cut for: a
   * {@link ProtocolViolationError} for what no peer may send, and a {@link MuxerLimitError} for too much of something.
   */
  push (bytes: Uint8Array | Uint8ArrayList): number {
    let cost = 0
    let pieces = 0
    this.#openBytes = 0

    for (const part of bytes instanceof Uint8Array ? [bytes] : bytes) {
      pieces += weigh(part.byteLength)

      for (let at = 0; at < part.byteLength;) {
        if (this.#missing > 0) {
          const taken = Math.min(this.#missing, part.byteLength - at)
          this.#missing -= taken
          this.#openBytes += taken
          at += taken
        } else if (this.#headerBytes === 0 && part.byteLength - at >= HEADER_BYTES) {
          cost += this.#onHeader(part, at)
          this.#openBytes += HEADER_BYTES
          at += HEADER_BYTES
        } else {
          cost += this.#takeHeaderByte(part[at++]!)
        }

        if (this.#missing === 0 && this.#headerBytes === 0) {
          this.#openBytes = 0
        }
      }
    }

    // a piece of a frame costs what a frame costs
    return Math.max(cost, pieces)
  }

  /** Returns what the frame costs, where that was the last byte of its header. */
  #takeHeaderByte (byte: number): number {
    const header = this.#header ??= new Uint8Array(HEADER_BYTES)
    header[this.#headerBytes++] = byte
    this.#openBytes++

    if (this.#headerBytes < HEADER_BYTES) {
      return 0
    }

    this.#headerBytes = 0
    this.#header = undefined

    return this.#onHeader(header, 0)
  }

  /** Takes note that the muxer has got all that was pushed. */
  noteHandedOn (): void {
    for (const streamId of this.#opening ?? []) {
      if (this.#init.windowOf(streamId) == null) {
        this.noteClosed(this.#init.initialWindow)
      }
    }

    this.#opening = undefined
  }

  /** Takes note of a stream that this node opens. */
  noteOpened (streamId: number): void {
    this.#noteStream(streamId)
  }

  /** Takes note of a data frame that this node sends. */
  noteSent (bytes: number): void {
    this.#sentBytes += bytes
    this.#earn(1 + Math.floor(this.#sentBytes / BYTES_PER_UPDATE))
    this.#sentBytes %= BYTES_PER_UPDATE
  }

  /** Takes note of a stream that is gone, with what was left of its window: that may be on its way. */
  noteClosed (windowBytes: number): void {
    this.#lateBytes = Math.min(MAX_LATE_BYTES, this.#lateBytes + windowBytes)
    this.#largestLateBytes = Math.max(this.#largestLateBytes, windowBytes)
  }

  /** Returns what the frame costs whose header begins there. */
  #onHeader (bytes: Uint8Array, at: number): number {
    const type = bytes[at + 1]!
    const flags = (bytes[at + 2]! << 8) + bytes[at + 3]!
    const streamId = readUint32(bytes, at + 4)

    if (bytes[at] !== 0 || type > GO_AWAY_TYPE || (streamId === 0) !== (type >= PING_TYPE)) {
      throw new ProtocolViolationError(`A frame of version ${bytes[at]} and type ${type} for stream ${streamId}`)
    }

    if (type === DATA_TYPE) {
      return this.#onData(streamId, flags, readUint32(bytes, at + 8))
    }

    if (type === WINDOW_UPDATE_TYPE) {
      return (flags & SYN_FLAG) === 0 ? this.#countControl() : this.#onNewStream(streamId)
    }

    if (type === GO_AWAY_TYPE && this.#isGoingAway) {
      throw new ProtocolViolationError('A second go-away frame')
    }

    this.#isGoingAway ||= type === GO_AWAY_TYPE
    this.#takeControl()

    return 1
  }

  #onData (streamId: number, flags: number, length: number): number {
    const isNew = (flags & SYN_FLAG) !== 0
    const cost = isNew ? this.#onNewStream(streamId) : length === 0 ? this.#countControl() : weigh(length)
    const window = this.#opening?.has(streamId) === true ? this.#init.initialWindow : this.#init.windowOf(streamId)

    if (length > (window ?? this.#lateWindow(streamId))) {
      throw new ProtocolViolationError(window == null
        ? `A frame of ${length} bytes for stream ${streamId}, which there is not`
        : `A frame of ${length} bytes for stream ${streamId}, which takes ${window}`)
    }

    if (window == null) {
      this.#lateBytes -= length
    }

    this.#missing = length

    return cost
  }

  #onNewStream (streamId: number): number {
    this.#opening ??= new Set()

    if (this.#opening.size >= this.#init.streamRoom() && this.#refusedStreams.take(1) > 0) {
      throw new MuxerLimitError('More streams are opened in vain than there may be')
    }

    this.#opening.add(streamId)
    this.#noteStream(streamId)

    return NEW_STREAM_COST
  }

  #noteStream (streamId: number): void {
    this.#highestIds[streamId % 2] = Math.max(this.#highestIds[streamId % 2]!, streamId)
    this.#earn(STREAM_CONTROL_FRAMES)
  }

  /** How much data may come for a stream that there is not: none where there has never been one. */
  #lateWindow (streamId: number): number {
    return streamId > this.#highestIds[streamId % 2]! ? 0 : Math.min(this.#lateBytes, this.#largestLateBytes)
  }

  #earn (frames: number): void {
    this.#controlCredit = Math.min(MAX_CONTROL_CREDIT, this.#controlCredit + frames)
  }

  /** Returns what it costs: nothing where it is an answer. */
  #countControl (): number {
    if (this.#controlCredit > 0) {
      this.#controlCredit--

      return 0
    }

    this.#takeControl()

    return 1
  }

  #takeControl (): void {
    if (this.#controlFrames.take(1) > 0) {
      throw new MuxerLimitError('More control frames than there may be')
    }
  }
}

/** What so many bytes cost, in small frames. */
function weigh (bytes: number): number {
  return Math.max(0, 1 - bytes / FULL_FRAME_BYTES)
}

/** An unsigned number of four bytes, big endian. */
export function readUint32 (bytes: Uint8Array, at: number): number {
  return bytes[at]! * 0x1000000 + (bytes[at + 1]! << 16) + (bytes[at + 2]! << 8) + bytes[at + 3]!
}

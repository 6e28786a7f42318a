import { StreamMessageEvent } from '@libp2p/interface'
import { AbstractStream } from '@libp2p/utils'
import { NO_LOG } from './log.ts'
import { scaledBytes } from './pipe.ts'
import { FrameReader, encodeFrame } from '../../../codec/frame.ts'
import type { Host } from './host.ts'
import type { PieceTaker } from './packet.ts'
import type { World } from './world.ts'
import type { AbortOptions, MessageStreamDirection } from '@libp2p/interface'
import type { SendResult } from '@libp2p/utils'
import type { Uint8ArrayList } from 'uint8arraylist'

/** The first window of a stream, as that of Yamux. */
const FIRST_WINDOW_BYTES: number = 256 * 1024

/** The window that a stream may grow to, as the nodes of this package set it. */
const LARGEST_WINDOW_BYTES: number = 2 * 1024 * 1024

/** How much may be read, and for how long, before nodes of this package give a window back by itself, in bytes and ms. */
export const MAX_WITHHELD_BYTES: number = 16 * 1024
export const MAX_WITHHELD_MS = 1000

/** What is sent in one piece where a host has a limit, so that its connections take turns. */
const SEGMENT_BYTES: number = 32 * 1024

/** What is sent from here on is copied. */
const COPIED_BYTES = 1024

/** Round trips within which a window has to be used up for it to grow. */
const GROWTH_ROUND_TRIPS = 4

/** The largest frame that is cut out of what a node sends, to change it. */
const MAX_TAMPERED_BYTES: number = 64 * 1024 * 1024

/** The end of a connection that carries a stream. */
export interface StreamCarrier {
  readonly world: World
  readonly host: Host
  readonly remote: Host
  /** A round trip, in ms. */
  readonly rtt: number
  /** Sends what only the muxer sends, and calls `act` at the other end. */
  sendControl: (act: () => void) => void
  /** Sends bytes of a stream, which count as so many, to what takes them at the other end. */
  sendPiece: (content: Uint8Array, bytes: number, taker: PieceTaker | undefined) => void
  /** Has `run` called at this end at a time that is not over. */
  at: (time: number, run: () => void) => void
  /** Counts a window update, which needs no event of its own: in a message by itself, or before data that is sent anyway. */
  countUpdate: (isAlone: boolean) => void
  onStreamClosed: (stream: SimulatedStream) => void
}

/** Options of {@link SimulatedStream}. */
export interface StreamInit {
  id: string
  protocol: string
  direction: MessageStreamDirection
  connection: StreamCarrier
}

/** One end of a stream, with the windows of Yamux. */
export class SimulatedStream extends AbstractStream {
  /** The other end, once there is one. */
  other: SimulatedStream | undefined
  readonly #connection: StreamCarrier
  readonly #frames: FrameReader | undefined
  /** What may still be sent. */
  #window: number
  /** What may be sent on top of that, and from when on. */
  readonly #credits: { at: number, bytes: number }[] = []
  #isWaiting = false
  /** Bytes of the write under way that have been sent. */
  #written = 0
  #receiveWindow: number
  /** What the other end may still send. */
  #capacity: number
  #epochStart: number
  #isPaused = false
  /** What was read and counts for no window update yet. */
  #withheld = 0
  /** When it counts as one of its own at the latest. */
  #withheldUntil = 0

  constructor ({ id, protocol, direction, connection }: StreamInit) {
    super({ id, protocol, direction, log: NO_LOG })
    this.#connection = connection
    const { host, world: { scale, time } } = connection
    this.#window = FIRST_WINDOW_BYTES / scale
    this.#receiveWindow = this.#window
    this.#capacity = this.#window
    this.#epochStart = time.now
    this.#frames = host.tamper == null ? undefined : new FrameReader({ maxBytes: () => MAX_TAMPERED_BYTES })
    this.addEventListener('close', () => { connection.onStreamClosed(this) }, { once: true })
  }

  /** Sends at once what finds room in the window, as most does: it comes to the same as in the buffers of libp2p, in less time. */
  override send (data: Uint8Array | Uint8ArrayList): boolean {
    const isPlain = data instanceof Uint8Array && data.byteLength > 0 && this.writeStatus === 'writable' &&
      !this.writableNeedsDrain && !this.sendingData && this.writeBuffer.byteLength === 0

    if (!isPlain) {
      return super.send(data)
    }

    this.#takeCredits()

    if (data.byteLength > this.#window) {
      return super.send(data)
    }

    this.#window -= data.byteLength
    this.#transmit(data.byteLength < COPIED_BYTES ? data : new Uint8Array(data))
    this.#written = 0

    return true
  }

  override sendData (data: Uint8ArrayList): SendResult {
    this.#takeCredits()
    const bytes = Math.min(Math.floor(this.#window), data.byteLength)
    this.#window -= bytes

    if (bytes > 0) {
      const piece = data.subarray(0, bytes)
      // a node may free the memory of large pieces once they are sent
      this.#transmit(bytes < COPIED_BYTES ? piece : piece.slice())
    }

    const canSendMore = bytes === data.byteLength

    if (canSendMore) {
      this.#written = 0
    } else {
      this.#awaitCredit()
    }

    return { sentBytes: bytes, canSendMore }
  }

  override sendReset (): void {
    this.#connection.sendControl(() => { this.other?.onRemoteReset() })
  }

  override async sendCloseWrite (options?: AbortOptions): Promise<void> {
    options?.signal?.throwIfAborted()
    this.#connection.sendControl(() => { this.other?.onRemoteCloseWrite() })
  }

  override async sendCloseRead (options?: AbortOptions): Promise<void> {
    options?.signal?.throwIfAborted()
  }

  override sendPause (): void {
    this.#isPaused = true
  }

  override sendResume (): void {
    this.#isPaused = false
    this.#giveCredit()
  }

  #transmit (bytes: Uint8Array): void {
    const { host, remote, world } = this.#connection
    const tamper = host.tamper

    if (this.#frames != null && tamper != null) {
      for (const frame of this.#frames.cut(bytes)) {
        tamper(frame, remote.index).forEach((message) => { this.#sendPieces(encodeFrame(message, MAX_TAMPERED_BYTES)) })
      }
    } else if (bytes.byteLength * world.scale <= SEGMENT_BYTES) {
      this.#sendPiece(bytes)
    } else {
      this.#sendPieces(bytes)
    }
  }

  #sendPieces (bytes: Uint8Array): void {
    const step = Math.max(1, Math.floor(SEGMENT_BYTES / this.#connection.world.scale))

    for (let at = 0; at < bytes.byteLength; at += step) {
      this.#sendPiece(bytes.subarray(at, at + step))
    }
  }

  #sendPiece (bytes: Uint8Array): void {
    const { scale } = this.#connection.world
    const before = scaledBytes(this.#written, scale)
    this.#written += bytes.byteLength
    this.#countWithheld(false)
    this.#connection.sendPiece(bytes, scaledBytes(this.#written, scale) - before, this.other)
  }

  /** Takes bytes of the other end. */
  onPiece (bytes: Uint8Array): void {
    this.#capacity -= bytes.byteLength

    if (this.readStatus === 'readable' && this.readBuffer.byteLength === 0 && this.remoteWriteStatus === 'writable' && this.listenerCount('message') > 0) {
      this.dispatchEvent(new StreamMessageEvent(bytes))
    } else {
      this.onData(bytes)
    }

    this.#giveCredit()
  }

  /** Lets the other end send as much again as has come, unless this end is paused. The window grows where it is what holds up. */
  #giveCredit (): void {
    const { world: { scale, time }, rtt } = this.#connection

    if (this.#isPaused || this.status !== 'open') {
      this.#epochStart = time.now
      return
    }

    if (time.now - this.#epochStart <= GROWTH_ROUND_TRIPS * rtt) {
      this.#receiveWindow = Math.min(2 * this.#receiveWindow, LARGEST_WINDOW_BYTES / scale)
    }

    const bytes = this.#receiveWindow - this.#capacity

    if (bytes > 0) {
      this.#capacity = this.#receiveWindow
      this.#epochStart = time.now
      this.other?.onCredit(bytes, time.now + rtt / 2)
      this.#withhold(bytes)
    }
  }

  /** Counts window updates as nodes send them: what is small waits for more, for data, or for its time. */
  #withhold (bytes: number): void {
    const { world: { scale, time } } = this.#connection

    if (this.#withheld === 0 || time.now >= this.#withheldUntil) {
      this.#countWithheld(true)
      this.#withheldUntil = time.now + MAX_WITHHELD_MS
    }

    this.#withheld += bytes

    if (this.#withheld * scale >= MAX_WITHHELD_BYTES) {
      this.#countWithheld(true)
    }
  }

  #countWithheld (isAlone: boolean): void {
    if (this.#withheld > 0) {
      this.#connection.countUpdate(isAlone || this.#connection.world.time.now >= this.#withheldUntil)
      this.#withheld = 0
    }
  }

  /** Takes note that this end may send more from a time on. */
  onCredit (bytes: number, at: number): void {
    this.#takeCredits()
    this.#credits.push({ at, bytes })

    if (this.#isWaiting && this.#credits.length === 1) {
      this.#awaitCredit()
    }
  }

  #takeCredits (): void {
    const { time } = this.#connection.world

    while (this.#credits.length > 0 && this.#credits[0]!.at <= time.now) {
      this.#window += this.#credits.shift()!.bytes
    }
  }

  #awaitCredit (): void {
    const [first] = this.#credits
    this.#isWaiting = true

    if (first != null) {
      this.#connection.at(first.at, () => {
        this.#takeCredits()
        this.#isWaiting = false

        if (this.writableNeedsDrain) {
          this.safeDispatchEvent('drain')
        }
      })
    }
  }
}

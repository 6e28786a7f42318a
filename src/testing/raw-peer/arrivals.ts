import { knownBodies, readEnvelope } from '../../codec/envelope.ts'
import { FrameReader } from '../../codec/frame.ts'
import { decodeBody } from '../../codec/message.ts'
import { FEATURES } from '../../types/features.ts'
import type { RawClosure, RawClosureKind } from '../wait/closure.ts'
import type { DecodeError } from '../../errors.ts'
import type { MessageType } from '../../types/message.ts'
import type { Stream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface'

/** The largest frame that a raw peer reads, in bytes. Larger than any that a network allows. */
export const MAX_RAW_FRAME_BYTES: number = 64 * 1024 * 1024

/**
 * Frames that wait for the test, in bytes.
 *
 * @remarks A raw peer reads nothing more until the test takes some of them. Nothing is lost.
 */
export const MAX_UNREAD_BYTES: number = 64 * 1024 * 1024

/** A test sees what a node sends, also of features that the session does not use. */
const ALL_BODIES = knownBodies(FEATURES)

/** A frame that has come, before its body is decoded. */
export interface RawFrame {
  /** `undefined` for a kind that is not known, and where the envelope cannot be read. */
  type: MessageType | undefined
  requestId: bigint | undefined
  /** The encoded body, as it came. */
  body: Uint8Array
  /** The whole message, as it came, without its length. */
  bytes: Uint8Array
  /** Why the envelope cannot be read. */
  fault: DecodeError | undefined
}

/** Options of {@link Arrivals}. */
export interface ArrivalsInit {
  stream: Stream
  /** Takes a frame before the test does: true where it needs no more. */
  intercept: (frame: RawFrame) => boolean
  /** Called after anything has come, and at the end. */
  onChange: () => void
}

/** What comes over a stream: frames that wait for the test, and the end. */
export class Arrivals {
  readonly #init: ArrivalsInit
  readonly #reader = new FrameReader({ maxBytes: () => MAX_RAW_FRAME_BYTES })
  readonly #frames: RawFrame[] = []
  #unreadBytes = 0
  #bytesIn = 0
  #isHeld = false
  #end: Pick<RawClosure, 'how' | 'error'> | undefined
  #began: 'remote' | 'local' | undefined
  #localHow: RawClosureKind | undefined
  #said: Pick<RawClosure, 'reason' | 'detail'> = { reason: undefined, detail: '' }

  constructor (init: ArrivalsInit) {
    this.#init = init
    const { stream } = init
    // no more than the window of the muxer comes while it is paused
    stream.maxReadBufferLength = Infinity
    stream.addEventListener('message', this.#onMessage)
    stream.addEventListener('end', () => { this.#onEnd() }, { once: true })
    stream.addEventListener('close', (event) => { this.#onClose(event) }, { once: true })

    if (stream.readableEnded && stream.readBufferLength === 0) {
      // its owner is not made yet
      queueMicrotask(() => { this.#onEnd() })
    }
  }

  get frames (): readonly RawFrame[] { return this.#frames }

  /** How the session has ended; `undefined` as long as more may come, and while what has come is held back. */
  get closure (): RawClosure | undefined {
    const isRead = this.#end?.how === 'undecodable' || this.#init.stream.readBufferLength === 0

    return this.#end == null || !isRead ? undefined : { by: this.#began ?? 'remote', ...this.#end, ...this.#said }
  }

  get bytesIn (): number { return this.#bytesIn }

  /** Takes the frame at `index` out of those that wait. */
  take (index = 0): RawFrame | undefined {
    const [frame] = this.#frames.splice(index, 1)
    this.#unreadBytes -= frame?.bytes.byteLength ?? 0
    this.#flow()

    return frame
  }

  /** Reads nothing from now on, or reads on. */
  hold (isHeld: boolean): void {
    this.#isHeld = isHeld
    this.#flow()
  }

  /** Takes note that this side begins to end the session, and how where it breaks it. */
  beginEnd (how?: RawClosureKind): void {
    this.#began ??= 'local'
    this.#localHow ??= how
  }

  readonly #onMessage = ({ data }: StreamMessageEvent): void => {
    this.#bytesIn += data.byteLength

    if (this.#end?.how !== 'undecodable') {
      try {
        for (const bytes of this.#reader.cut(data)) {
          this.#onFrame(bytes)
        }
      } catch (err) {
        this.#close('undecodable', err as Error)
      }
    }

    this.#flow()
    this.#init.onChange()
  }

  #onFrame (bytes: Uint8Array): void {
    const frame = readFrame(bytes)

    if (frame.type === 'disconnect') {
      this.#began ??= 'remote'
      this.#said = readDisconnect(frame)
    }

    if (!this.#init.intercept(frame)) {
      this.#frames.push(frame)
      this.#unreadBytes += bytes.byteLength
    }
  }

  #onEnd (): void {
    // where the stream broke, what follows says so
    if (this.#init.stream.status === 'open' || this.#init.stream.status === 'closing') {
      this.#close('ended', undefined)
    }
  }

  #onClose ({ error, local }: StreamCloseEvent): void {
    if (error == null) {
      this.#close(this.#init.stream.remoteWriteStatus === 'closed' && this.#said.reason != null ? 'ended' : 'lost', undefined)
    } else {
      this.#close(local !== true ? 'reset' : this.#localHow ?? 'lost', error)
    }
  }

  #close (how: RawClosureKind, error: Error | undefined): void {
    this.#began ??= 'remote'
    this.#end ??= { how, error }
    this.#init.onChange()
  }

  #flow (): void {
    const { stream } = this.#init
    const isStopped = this.#isHeld || this.#unreadBytes > MAX_UNREAD_BYTES

    try {
      if (isStopped && stream.readStatus === 'readable') {
        stream.pause()
      } else if (!isStopped && stream.readStatus === 'paused') {
        stream.resume()
      }
    } catch {
      // it is closed, and has handed over what had come
    }
  }
}

function readFrame (bytes: Uint8Array): RawFrame {
  try {
    return { ...readEnvelope(bytes, ALL_BODIES), bytes, fault: undefined }
  } catch (err) {
    return { type: undefined, requestId: undefined, body: new Uint8Array(0), bytes, fault: err as DecodeError }
  }
}

function readDisconnect ({ body }: RawFrame): Pick<RawClosure, 'reason' | 'detail'> {
  try {
    const { reason, detail } = decodeBody('disconnect', body)

    return { reason, detail }
  } catch {
    return { reason: undefined, detail: 'a Disconnect that cannot be decoded' }
  }
}

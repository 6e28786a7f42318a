import { TypedEventEmitter } from 'main-event'
import { Changes } from '../../testing/wait/changes.ts'
import type { MessageStream, Stream, StreamMuxer, StreamMuxerEvents, StreamMuxerFactory, StreamMuxerStatus } from '@libp2p/interface'

const YAMUX = '/yamux/1.0.0'

const HEADER_BYTES = 12

/** What a stream may receive before its window is raised, in bytes. */
export const FIRST_WINDOW_BYTES: number = 256 * 1024

/** Types of frames. */
const TYPE = { data: 0, windowUpdate: 1, ping: 2, goAway: 3 } as const

/** Flags of frames. */
const FLAG = { none: 0, syn: 1, ack: 2, fin: 4, rst: 8 } as const

/** The stream that it opens: the first one of the side that has dialled. */
const STREAM_ID = 1

/** A frame: a header, and the data in it. */
interface Frame { type: number, flags?: number, streamId?: number, length?: number, data?: Uint8Array }

/** What the target has sent on the stream, of which no more is kept. */
const MAX_KEPT_BYTES: number = 64 * 1024

/** Has libp2p hand over each connection as a {@link BareMuxer}. */
export function bareMuxer (onMuxer: (muxer: BareMuxer) => void): () => StreamMuxerFactory {
  return () => ({
    protocol: YAMUX,
    createStreamMuxer: (below) => {
      const muxer = new BareMuxer(below)
      onMuxer(muxer)

      return muxer
    }
  })
}

/** Yamux by hand, with one stream: it sends what no muxer does. */
export class BareMuxer extends TypedEventEmitter<StreamMuxerEvents> implements StreamMuxer {
  readonly protocol: string = YAMUX
  readonly streams: Stream[] = []
  readonly #below: MessageStream
  readonly #changes = new Changes()
  #unread: Uint8Array = new Uint8Array(0)
  #came: Uint8Array = new Uint8Array(0)
  #window: number = FIRST_WINDOW_BYTES
  #end: string | undefined

  constructor (below: MessageStream) {
    super()
    this.#below = below
    below.addEventListener('message', ({ data }) => { this.#onData(data.subarray()) })
    below.addEventListener('close', () => { this.#onEnd('the end of the connection') })
  }

  get status (): StreamMuxerStatus { return this.#end == null ? 'open' : 'closed' }

  /** How the target has ended the stream, or the connection, in words. */
  get end (): string | undefined { return this.#end }

  /** What has come on the stream, but for what is beyond 64 KiB. */
  get came (): Uint8Array { return this.#came }

  /** How many bytes the target takes now. */
  get window (): number { return this.#window }

  /** Opens the stream, and says nothing on it. */
  open (): void {
    this.#sendFrame({ type: TYPE.windowUpdate, flags: FLAG.syn })
  }

  /** Sends bytes on the stream, whatever the window is. */
  sendData (bytes: Uint8Array): void {
    this.#window -= bytes.byteLength
    this.#sendFrame({ type: TYPE.data, length: bytes.byteLength, data: bytes })
  }

  /** Whether `probe` comes to hold in `ms`: it is looked at after each frame and at the end. */
  async until (probe: () => boolean, ms: number): Promise<boolean> {
    return await this.#changes.tryUntil(() => probe() || undefined, ms) ?? false
  }

  async createStream (): Promise<Stream> {
    return Promise.reject(new Error('This muxer opens its stream by itself'))
  }

  async close (): Promise<void> {
    await this.#below.close()
  }

  abort (err: Error): void {
    this.#below.abort(err)
  }

  #sendFrame ({ type, flags = FLAG.none, streamId = STREAM_ID, length = 0, data = new Uint8Array(0) }: Frame): void {
    const frame = Buffer.alloc(HEADER_BYTES + data.byteLength)
    frame.writeUInt8(type, 1)
    frame.writeUInt16BE(flags, 2)
    frame.writeUInt32BE(streamId, 4)
    frame.writeUInt32BE(length, 8)
    frame.set(data, HEADER_BYTES)

    if (this.#below.status === 'open') {
      this.#below.send(frame)
    }
  }

  #onData (bytes: Uint8Array): void {
    this.#unread = Buffer.concat([this.#unread, bytes])

    for (;;) {
      const header = Buffer.from(this.#unread.buffer, this.#unread.byteOffset, this.#unread.byteLength)
      const type = header.byteLength < HEADER_BYTES ? undefined : header.readUInt8(1)
      const dataBytes = type === TYPE.data ? header.readUInt32BE(8) : 0

      if (type == null || header.byteLength < HEADER_BYTES + dataBytes) {
        break
      }

      this.#unread = this.#unread.subarray(HEADER_BYTES + dataBytes)
      this.#onFrame(type, header.subarray(0, HEADER_BYTES + dataBytes))
    }

    this.#changes.notify()
  }

  #onFrame (type: number, frame: Buffer): void {
    const flags = frame.readUInt16BE(2)
    const length = frame.readUInt32BE(8)

    if (type === TYPE.ping && (flags & FLAG.syn) !== 0) {
      this.#sendFrame({ type: TYPE.ping, flags: FLAG.ack, streamId: 0, length })
    } else if (type === TYPE.goAway) {
      this.#onEnd('the end of all streams (GoAway)')
    }

    if (frame.readUInt32BE(4) !== STREAM_ID || (type !== TYPE.data && type !== TYPE.windowUpdate)) {
      return
    }

    if (type === TYPE.windowUpdate) {
      this.#window += length
    } else {
      this.#came = Buffer.concat([this.#came, frame.subarray(HEADER_BYTES)]).subarray(0, MAX_KEPT_BYTES)
      this.#sendFrame({ type: TYPE.windowUpdate, length })
    }

    if ((flags & FLAG.rst) !== 0) {
      this.#onEnd('a reset of the stream')
    } else if ((flags & FLAG.fin) !== 0) {
      this.#onEnd('the end of the stream')
    }
  }

  #onEnd (how: string): void {
    this.#end ??= how
    this.#changes.notify()
  }
}

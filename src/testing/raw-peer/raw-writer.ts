import { setImmediate } from 'node:timers/promises'
import { encodeFrame } from '../../codec/frame.ts'
import { writeEnvelope } from '../../codec/envelope.ts'
import { encodeMessage } from '../../codec/message.ts'
import { systemClock } from '../../util/clock.ts'
import { WITHIN_MS } from '../wait/changes.ts'
import type { RawClosureKind } from '../wait/closure.ts'
import type { Within } from '../wait/changes.ts'
import type { Clock } from '../../util/clock.ts'
import type { DisconnectReason, MessageType, WireMessage } from '../../types/message.ts'
import type { Connection, Stream } from '@libp2p/interface'

/** How bytes are sent in pieces. */
export interface ChunkOptions {
  /** How large each piece is, in bytes. @default 1 */
  size?: number
  /** The pause after each piece, in ms. @default 0: a turn of the event loop */
  pause?: number
}

/** Options of {@link RawWriter}. */
export interface RawWriterInit {
  /** The stream of the session. */
  stream: Stream
  /** The connection that has the stream. */
  connection: Connection
  /** How long a wait takes at most, in ms. @default 8000 */
  within?: number
  /** What waits are measured with. */
  clock?: Clock
}

/** The sending side of a session in the hands of a test: it sends anything, and ends in any way. */
export abstract class RawWriter {
  /** The stream of the session. */
  readonly stream: Stream
  /** The connection that has the stream. */
  readonly connection: Connection
  protected readonly within: number
  readonly #clock: Clock

  constructor ({ stream, connection, within = WITHIN_MS, clock = systemClock }: RawWriterInit) {
    this.stream = stream
    this.connection = connection
    this.within = within
    this.#clock = clock
  }

  /** Sends a message. Throws an `EncodeError` where it is none: `sendBody`, `sendFrame` and `sendBytes` take anything. */
  send (message: WireMessage, requestId?: bigint): void {
    this.sendFrame(encodeMessage(message, requestId))
  }

  /** Sends a message whose body is encoded already, whatever is in it. */
  sendBody (type: MessageType, body: Uint8Array, requestId?: bigint): void {
    this.sendFrame(writeEnvelope(type, body, requestId))
  }

  /** Sends a frame of any content, from one byte, and of any length. */
  sendFrame (bytes: Uint8Array): void {
    this.sendBytes(encodeFrame(bytes, Infinity))
  }

  /** Sends bytes as they are: half a frame, many of them, or none at all. False where they wait: see {@link drained}. */
  sendBytes (bytes: Uint8Array): boolean {
    return this.stream.send(bytes)
  }

  /** Sends bytes in pieces of their own, until the remote closes the stream. Resolves with how many were sent. */
  async sendChunks (bytes: Uint8Array, { size = 1, pause = 0 }: ChunkOptions = {}): Promise<number> {
    let sent = 0

    while (sent < bytes.byteLength && this.stream.writeStatus === 'writable') {
      const chunk = bytes.subarray(sent, sent + size)
      this.sendBytes(chunk)
      sent += chunk.byteLength
      await (pause > 0 ? new Promise<void>((resolve) => { this.#clock.setTimeout(resolve, pause) }) : setImmediate())
    }

    return sent
  }

  /** Resolves when the stream takes more bytes. Rejects where the stream ends before, and when it takes longer than `within`. */
  async drained ({ within = this.within }: Within = {}): Promise<void> {
    await this.stream.onDrain({ signal: AbortSignal.timeout(within) })
  }

  /** Sends `Disconnect` and closes this side, as the protocol has it. */
  async disconnect (reason: DisconnectReason, detail = ''): Promise<void> {
    this.send({ type: 'disconnect', reason, detail })
    await this.end()
  }

  /** Closes this side without a word. */
  async end (): Promise<void> {
    this.beginEnd()
    // the stream may break first
    await this.stream.close().catch(() => {})
  }

  /** Resets the stream. */
  reset (): void {
    this.beginEnd('reset')
    this.stream.abort(new Error('Reset by the test'))
  }

  /** Breaks the connection, with every stream on it. */
  cut (): void {
    this.beginEnd('lost')
    this.connection.abort(new Error('Cut by the test'))
  }

  /** Takes note that this side begins to end the session. @internal */
  protected abstract beginEnd (how?: RawClosureKind): void
}

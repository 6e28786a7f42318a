import assert from 'node:assert/strict'
import { defaultLogger } from '@libp2p/logger'
import { AbstractStream, streamPair } from '@libp2p/utils'
import { decode } from 'it-length-prefixed'
import { eventually } from './eventually.ts'
import { encodeFrame, FrameReader } from '../../src/codec/frame.ts'
import { decodeMessage, encodeMessage } from '../../src/codec/message.ts'
import { FEATURES } from '../../src/types/features.ts'
import type { MessageType, WireMessage } from '../../src/types/message.ts'
import type { Stream } from '@libp2p/interface'
import type { SendResult } from '@libp2p/utils'
import type { Uint8ArrayList } from 'uint8arraylist'

/** Larger than any frame in a test. */
const MAX_BYTES = 64 * 1024 * 1024

/** What a frame holds; `message` is undefined for a kind that is not known. */
export type Received = ReturnType<typeof decodeMessage>

/** A message as it travels. */
export function frameOf (message: WireMessage, requestId?: bigint): Uint8Array {
  return encodeFrame(encodeMessage(message, requestId), MAX_BYTES)
}

/** The messages in what was sent, which has to end with a whole frame. */
export function messagesIn (bytes: Uint8Array): Received[] {
  return [...decode([bytes], { maxDataLength: MAX_BYTES })].map((frame) => decodeMessage(frame.subarray(), FEATURES))
}

/** One end of a stream in memory, and the other end in the hands of a test. */
export async function openPair (): Promise<{ stream: Stream, remote: RawRemote }> {
  const [theirs, ours] = await streamPair({ delay: 0 })

  return { stream: ours, remote: new RawRemote(theirs) }
}

/** A remote that does what a test tells it to. It takes everything that is sent to it, and answers nothing. */
export class RawRemote {
  readonly stream: Stream
  readonly #received: Received[] = []
  #end: { error: Error | undefined } | undefined

  constructor (stream: Stream) {
    this.stream = stream
    this.#read().then(
      () => { this.#end = { error: undefined } },
      (err: unknown) => { this.#end = { error: err instanceof Error ? err : new Error(String(err)) } }
    )
  }

  /** What has come and was not asked for yet. */
  get unread (): readonly Received[] {
    return this.#received
  }

  send (message: WireMessage, requestId?: bigint): void {
    this.sendBytes(frameOf(message, requestId))
  }

  /** Sends bytes as they are: half a frame, many of them, or none at all. */
  sendBytes (bytes: Uint8Array): void {
    this.stream.send(bytes)
  }

  /** The next message. */
  async next (): Promise<Received> {
    await eventually(() => this.#received.length > 0 || this.#end != null, 'the next message')
    const received = this.#received.shift()
    assert(received != null, `the stream ended where a message was expected: ${String(this.#end?.error)}`)

    return received
  }

  /** The next message, which has to be of this type. */
  async expect<Type extends MessageType> (type: Type): Promise<Extract<WireMessage, { type: Type }>> {
    const { message } = await this.next()
    assert.equal(message?.type, type)

    return message as Extract<WireMessage, { type: Type }>
  }

  /** Waits for the end of what is sent. Returns the error where the stream broke. */
  async ended (): Promise<Error | undefined> {
    const { error } = await eventually(() => this.#end, 'the end of the stream')

    return error
  }

  async #read (): Promise<void> {
    for await (const frame of new FrameReader({ maxBytes: () => MAX_BYTES }).read(this.stream)) {
      this.#received.push(decodeMessage(frame, FEATURES))
    }
  }
}

/** What a stream tells its remote. */
export type Signal = { type: 'data', bytes: Uint8Array } | { type: 'end' | 'reset' | 'pause' | 'resume' }

/**
 * A libp2p stream without a remote: it keeps what it is told to send, and takes of it no more than it is allowed to.
 * What a remote would do is done by calling the methods that a muxer calls: `onData`, `onRemoteCloseWrite`,
 * `onRemoteReset`, `onTransportClosed`.
 */
export class ScriptedStream extends AbstractStream {
  /** Everything that was told to the remote, in order. A delivery may take from the front. */
  readonly signals: Signal[] = []
  /** Bytes it still takes before it is full. */
  room = Infinity
  /** Thrown by whatever would tell the remote something. */
  error: Error | undefined

  constructor (direction: 'inbound' | 'outbound' = 'inbound') {
    super({ id: '1', direction, log: defaultLogger().forComponent('test:stream'), protocol: '/vibecoin/1.0.0' })
  }

  /** The pieces that were sent. */
  get sends (): Uint8Array[] {
    return this.signals.flatMap((signal) => signal.type === 'data' ? [signal.bytes] : [])
  }

  /** Everything that was sent. */
  get sent (): Uint8Array {
    return new Uint8Array(Buffer.concat(this.sends))
  }

  /** Takes `bytes` more, and says so. */
  allow (bytes: number): void {
    this.room += bytes
    this.onMuxerDrain()
  }

  sendData (data: Uint8ArrayList): SendResult {
    const sentBytes = Math.min(this.room, data.byteLength)
    this.room -= sentBytes

    if (sentBytes > 0) {
      this.#signal({ type: 'data', bytes: data.slice(0, sentBytes) })
    }

    return { sentBytes, canSendMore: sentBytes === data.byteLength }
  }

  sendReset (): void { this.#signal({ type: 'reset' }) }
  sendPause (): void { this.#signal({ type: 'pause' }) }
  sendResume (): void { this.#signal({ type: 'resume' }) }
  async sendCloseWrite (): Promise<void> { this.#signal({ type: 'end' }) }
  async sendCloseRead (): Promise<void> {}

  #signal (signal: Signal): void {
    if (this.error != null) {
      throw this.error
    }

    this.signals.push(signal)
  }
}

/** Two streams that are each other's remote. Nothing passes from one to the other but by `deliver`. */
export class ManualPair {
  readonly outbound = new ScriptedStream('outbound')
  readonly inbound = new ScriptedStream('inbound')

  /** Hands the next of what `from` sent to the other. False where there is nothing. */
  deliver (from: 'outbound' | 'inbound'): boolean {
    const to = this[from === 'outbound' ? 'inbound' : 'outbound']
    const signal = this[from].signals.shift()

    switch (signal?.type) {
      case 'data':
        to.onData(signal.bytes)
        break
      case 'end':
        to.onRemoteCloseWrite()
        break
      case 'reset':
        if (to.status === 'open') {
          to.onRemoteReset()
        }
    }

    return signal != null
  }
}

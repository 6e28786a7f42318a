import { Arrivals } from './arrivals.ts'
import { describeFrame } from './describe.ts'
import { introduce } from './introduce.ts'
import { decode } from './message.ts'
import { RawWriter } from './raw-writer.ts'
import { Changes } from '../wait/changes.ts'
import { describeClosure } from '../wait/closure.ts'
import { UnexpectedEndError, UnexpectedMessageError, WaitTimeoutError } from '../wait/errors.ts'
import type { RawFrame } from './arrivals.ts'
import type { RawMessage } from './message.ts'
import type { RawWriterInit } from './raw-writer.ts'
import type { RawClosure, RawClosureKind } from '../wait/closure.ts'
import type { Within } from '../wait/changes.ts'
import type { Direction } from '../../types/peer.ts'
import type { MessageType, NodeInfo, WireMessage } from '../../types/message.ts'

/** How many of the messages that came in place of another one an error tells of. */
export const MAX_CAME = 32

/** Options of {@link RawSession}. */
export interface RawSessionInit extends RawWriterInit {
  /** What the peer says of itself. */
  node?: Partial<NodeInfo>
  /** Whether the peer leaves its side open when the remote has closed its own. @default false */
  keepsOpen?: boolean
}

/** One session of a {@link RawPeer}. It says what the test says, and keeps what comes until the test asks for it. */
export class RawSession extends RawWriter {
  readonly #arrivals: Arrivals
  readonly #changes: Changes
  readonly #node: Partial<NodeInfo>
  readonly #handlers = new Map<MessageType, (frame: RawFrame) => void>()

  constructor (init: RawSessionInit) {
    super(init)
    const { stream, node = {}, keepsOpen = false } = init
    this.#node = node
    this.#changes = new Changes(init.clock)
    this.#arrivals = new Arrivals({
      stream,
      intercept: (frame) => this.#intercept(frame),
      onChange: () => {
        if (this.#arrivals.closure?.how === 'ended' && !keepsOpen) {
          void this.end()
        }

        this.#changes.notify()
      }
    })
  }

  /** The peer id of the remote. */
  get remoteId (): string { return this.connection.remotePeer.toString() }

  /** `outbound` where this peer has opened it. */
  get direction (): Direction { return this.stream.direction }

  /** Bytes that have come, and that the peer has read. */
  get bytesIn (): number { return this.#arrivals.bytesIn }

  /** What has come and was not taken, in words, the oldest first. */
  get unread (): string[] { return this.#arrivals.frames.map(describeFrame) }

  /** How the session has ended; `undefined` while it has not. */
  get closure (): RawClosure | undefined { return this.#arrivals.closure }

  /**
   * Sends a handshake, and waits for the one of the remote. Resolves with what the remote says of itself. What is not given, in `node` or
   * in that of the peer, is as the remote has it: its network, its genesis block. Then the peer waits for the remote's handshake first.
   */
  async handshake (node: Partial<NodeInfo> = {}, options?: Within): Promise<NodeInfo> {
    const given = { ...this.#node, ...node }
    const isComplete = given.network != null && given.genesisHash != null

    if (isComplete) {
      this.send({ type: 'handshake', node: introduce(given, given) })
    }

    const { message } = await this.next('handshake', options)

    if (!isComplete) {
      this.send({ type: 'handshake', node: introduce(given, message.node) })
    }

    return message.node
  }

  /** Takes every message of a kind from now on, in place of the test. */
  handle<Type extends MessageType> (type: Type, handler: (message: RawMessage<Type>) => void): void {
    this.#handlers.set(type, (frame) => { handler(decode<Type>(frame)) })
  }

  /** Answers pings from now on, as every peer has to. */
  answerPings ({ bestHeight = 0 }: { bestHeight?: number } = {}): void {
    this.handle('ping', ({ message: { nonce } }) => { this.send({ type: 'pong', nonce, bestHeight }) })
  }

  /**
   * The next message of one of these kinds. Those before it are dropped.
   *
   * Throws a {@link WaitTimeoutError}, an {@link UnexpectedEndError} where the session ends before, and an
   * {@link UnexpectedMessageError} where it cannot be decoded.
   */
  async next<Type extends MessageType> (types: Type | readonly Type[], { within = this.within }: Within = {}): Promise<RawMessage<Type>> {
    const wanted: readonly MessageType[] = typeof types === 'string' ? [types] : types

    return decode<Type>(await this.#take(wanted.join(' or '), within, (frame) => frame.type != null && wanted.includes(frame.type)))
  }

  /** The next message, whatever it is. `message` is `undefined` for a kind that is not known. */
  async take ({ within = this.within }: Within = {}): Promise<Omit<RawMessage, 'message'> & { message: WireMessage | undefined }> {
    return decode(await this.#take('a message', within, () => true))
  }

  /** Resolves when nothing has come for so many ms, but for what `except` names. Throws as soon as anything comes or the session ends. */
  async nothing ({ for: ms, except = [] }: { for: number, except?: readonly MessageType[] }): Promise<void> {
    const waitedFor = `nothing for ${ms} ms`

    await this.#changes.during(ms, () => {
      const others = this.#arrivals.frames.filter(({ type }) => type == null || !except.includes(type))

      if (others.length > 0) {
        const came = others.slice(-MAX_CAME).map(describeFrame)
        throw new UnexpectedMessageError(`Expected ${waitedFor} from ${this.remoteId}, but there came: ${came.join('; ')}`, { waitedFor, came })
      }

      if (this.closure != null) {
        throw this.#unexpectedEnd(waitedFor, [], this.closure)
      }
    })
  }

  /** Resolves when the session has ended, with which side has ended it, and what the remote said. What has come stays to be taken. */
  async closed ({ within = this.within }: Within = {}): Promise<RawClosure> {
    return this.#changes.until({
      probe: () => this.closure,
      within,
      onLate: () => {
        const waitedFor = 'the end of the session'
        const came = this.unread.slice(-MAX_CAME)

        return new WaitTimeoutError(this.#lateText(waitedFor, within, came), { waitedFor, came })
      }
    })
  }

  /** Resolves when `probe` gives something. For what shows elsewhere than in messages. @internal */
  async until<T> (waitedFor: string, probe: () => T | undefined, { within = this.within }: Within = {}): Promise<T> {
    return this.#changes.until({
      probe: () => {
        const found = probe()

        if (found === undefined && this.closure != null) {
          throw this.#unexpectedEnd(waitedFor, this.unread.slice(-MAX_CAME), this.closure)
        }

        return found
      },
      within,
      onLate: () => new WaitTimeoutError(this.#lateText(waitedFor, within, this.unread), { waitedFor, came: this.unread.slice(-MAX_CAME) })
    })
  }

  /** Has all waits look again. @internal */
  notify (): void {
    this.#changes.notify()
  }

  /** Reads nothing from now on. The remote can send until the window of the stream is full. */
  hold (): void {
    this.#arrivals.hold(true)
  }

  /** Reads on. */
  release (): void {
    this.#arrivals.hold(false)
  }

  protected override beginEnd (how?: RawClosureKind): void {
    this.#arrivals.beginEnd(how)
  }

  #intercept (frame: RawFrame): boolean {
    const handler = frame.type == null ? undefined : this.#handlers.get(frame.type)
    handler?.(frame)

    return handler != null
  }

  async #take (waitedFor: string, within: number, isWanted: (frame: RawFrame) => boolean): Promise<RawFrame> {
    const came: string[] = []

    return this.#changes.until({
      probe: () => {
        for (let frame = this.#arrivals.take(); frame != null; frame = this.#arrivals.take()) {
          if (isWanted(frame)) {
            return frame
          }

          came.push(describeFrame(frame))
          came.splice(0, came.length - MAX_CAME)
        }

        if (this.closure != null) {
          throw this.#unexpectedEnd(waitedFor, came, this.closure)
        }

        return undefined
      },
      within,
      onLate: () => new WaitTimeoutError(this.#lateText(waitedFor, within, came), { waitedFor, came })
    })
  }

  #lateText (waitedFor: string, within: number, came: readonly string[]): string {
    return `Waited ${within} ms in vain for ${waitedFor} from ${this.remoteId}: ${cameText(came)}`
  }

  #unexpectedEnd (waitedFor: string, came: readonly string[], closure: RawClosure): UnexpectedEndError {
    return new UnexpectedEndError(
      `Waited for ${waitedFor} from ${this.remoteId}, but the session was ${describeClosure(closure)}. Before: ${cameText(came)}`,
      { waitedFor, came, closure, cause: closure.error }
    )
  }
}

function cameText (came: readonly string[]): string {
  return came.length === 0 ? 'nothing came' : `there came ${came.join('; ')}`
}

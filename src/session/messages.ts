import { RateGuard } from './limits/rate-limits.ts'
import { InFlight } from './limits/in-flight.ts'
import { decodeBody } from '../codec/message.ts'
import { errorMessage, ProtocolViolationError } from '../errors.ts'
import type { Keepalive } from './keepalive.ts'
import type { Reader } from './read/reader.ts'
import type { Requests } from './requests.ts'
import type { SessionHooks, SessionInit } from './types.ts'
import type { Envelope } from '../codec/envelope.ts'
import type { DisconnectReason, WireMessage } from '../types/message.ts'

/** What of a session its messages need. */
export interface AddressedSession {
  send: (priority: 'control', message: WireMessage) => boolean
  noteHeight: (height: number) => void
  close: (reason: DisconnectReason, detail: string) => void
  closeByRemote: (body: Uint8Array) => void
}

/** The parts of a session that its messages go to. */
export interface MessageParts {
  requests: Requests
  keepalive: Keepalive
  reader: Reader
}

/** Takes and counts the messages of a ready session. */
export class Messages<Session extends AddressedSession> {
  /** How much the peer sends. */
  readonly rates: RateGuard
  readonly #session: Session
  readonly #hooks: SessionHooks<Session>
  readonly #requests: Requests
  readonly #keepalive: Keepalive
  readonly #reader: Reader
  readonly #inFlight: InFlight

  constructor (
    session: Session,
    { id, clock, config, meters, hooks, log }: Pick<SessionInit<Session>, 'id' | 'clock' | 'config' | 'meters' | 'hooks' | 'log'>,
    { requests, keepalive, reader }: MessageParts
  ) {
    this.#session = session
    this.#hooks = hooks
    this.#requests = requests
    this.#keepalive = keepalive
    this.#reader = reader
    this.rates = new RateGuard(config.rateLimits, clock, meters?.exceeded)
    this.#inFlight = new InFlight((err) => { log('a message of %s could not be handled: %s', id, errorMessage(err)) })
  }

  /** Messages that are being handled. */
  get inFlight (): { messages: number, bytes: number } {
    const { messages, bytes } = this.#inFlight

    return { messages, bytes }
  }

  /**
   * Takes a message of so many bytes. Returns what the reader waits for before it takes the next one.
   * Throws a DecodeError for a message that cannot be read, and a ProtocolViolationError for one that must not come.
   */
  take (envelope: Envelope, bytes: number): Promise<void> | undefined {
    const handled = this.#handle(envelope, bytes)
    this.#slowDown(this.rates.onMessage(envelope, bytes))

    return handled
  }

  #handle (envelope: Envelope, bytes: number): Promise<void> | undefined {
    const { type, requestId, body } = envelope

    switch (type) {
      case 'handshake':
        throw new ProtocolViolationError('a second handshake')
      case 'responseBlock':
      case 'responseBlockRange':
      case 'responseTransactions':
      case 'responsePeers':
        return this.#requests.onResponse(type, requestId, body)
      case 'disconnect':
        this.#session.closeByRemote(body)
        break
      case 'ping':
      case 'pong':
        this.#onSignOfLife(type, body)
        break
    }

    const task = this.#hooks.onMessage(envelope, this.#session)

    return task == null ? undefined : this.#inFlight.add(task, bytes)
  }

  #onSignOfLife (type: 'ping' | 'pong', body: Uint8Array): void {
    const { nonce, bestHeight } = decodeBody(type, body)
    this.#session.noteHeight(bestHeight)

    if (type === 'ping') {
      this.#session.send('control', { type: 'pong', nonce, bestHeight: this.#hooks.bestHeight() })
    } else {
      this.#slowDown(this.rates.onPong(this.#keepalive.onPong(nonce)))
    }
  }

  #slowDown (ms: number): void {
    const { exceeded } = this.rates

    if (exceeded != null) {
      this.#session.close('RATE_LIMITED', `too many for too long: ${exceeded}`)
    } else if (ms > 0) {
      this.#reader.pauseFor(ms)
    }
  }
}

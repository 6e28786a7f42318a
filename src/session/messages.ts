import { RateGuard } from './limits/rate-limits.ts'
import { InFlight } from './limits/in-flight.ts'
import { decodeBody } from '../codec/message.ts'
import { ProtocolViolationError } from '../errors.ts'
import type { Keepalive } from './keepalive.ts'
import type { RateName } from './limits/rate-limits.ts'
import type { Requests } from './requests.ts'
import type { Clock } from '../util/clock.ts'
import type { Envelope } from '../codec/envelope.ts'
import type { RateLimits } from '../types/limits.ts'

/** Options of {@link Messages}. */
export interface MessagesInit {
  clock: Clock
  rates: RateLimits
  requests: Requests
  keepalive: Keepalive
  /** Called with each height that the peer claims. */
  onHeight: (height: number) => void
  /** Answers a ping. */
  onPing: (nonce: bigint) => void
  onDisconnect: (body: Uint8Array) => void
  /** Called where the peer sends more than it may, with the ms for which the node reads nothing more. */
  onTooMany: (ms: number) => void
  /** Called for each message that is over a limit. */
  onExceeded?: ((limit: RateName) => void) | undefined
  /** Called with the limit that the peer has exceeded for too long. */
  onTooManyForTooLong: (limit: string) => void
  /** Takes every message. What it returns, if anything, settles when the message is handled, and never rejects. */
  onMessage: (envelope: Envelope) => Promise<void> | undefined
}

/** Takes and counts the messages of a ready session. */
export class Messages {
  /** How much the peer sends. */
  readonly rates: RateGuard
  readonly #init: MessagesInit
  readonly #inFlight = new InFlight()

  constructor (init: MessagesInit) {
    this.#init = init
    this.rates = new RateGuard(init.rates, init.clock, init.onExceeded)
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
    const { requests, onDisconnect, onMessage } = this.#init
    const { type, requestId, body } = envelope

    switch (type) {
      case 'handshake':
        throw new ProtocolViolationError('a second handshake')
      case 'responseBlock':
      case 'responseBlockRange':
      case 'responseTransactions':
      case 'responsePeers':
        return requests.onResponse(type, requestId, body)
      case 'disconnect':
        onDisconnect(body)
        break
      case 'ping':
      case 'pong':
        this.#onSignOfLife(type, body)
        break
    }

    const task = onMessage(envelope)

    return task == null ? undefined : this.#inFlight.add(task, bytes)
  }

  #onSignOfLife (type: 'ping' | 'pong', body: Uint8Array): void {
    const { keepalive, onHeight, onPing } = this.#init
    const { nonce, bestHeight } = decodeBody(type, body)
    onHeight(bestHeight)

    if (type === 'ping') {
      onPing(nonce)
    } else {
      this.#slowDown(this.rates.onPong(keepalive.onPong(nonce)))
    }
  }

  #slowDown (ms: number): void {
    const { exceeded } = this.rates

    if (exceeded != null) {
      this.#init.onTooManyForTooLong(exceeded)
    } else if (ms > 0) {
      this.#init.onTooMany(ms)
    }
  }
}

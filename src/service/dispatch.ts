import { decodeBody } from '../codec/message.ts'
import { errorMessage, VibeCoinError } from '../errors.ts'
import { HANDLER_TYPES } from '../types/handlers.ts'
import type { Envelope } from '../codec/envelope.ts'
import type { Session } from '../session/session.ts'
import type { Handlers, HandlerType, Verdict } from '../types/handlers.ts'
import type { Awaitable } from '../types/chain.ts'
import type { BroadcastMessage, MessageType } from '../types/message.ts'
import type { Peer } from '../types/peer.ts'
import type { Logger } from '@libp2p/interface'

/** Gives each kind of message to the application's handler for it. */
export interface Router {
  /**
   * Sets the handler of a kind of message and returns a function that removes it.
   * Throws where there is one already.
   */
  handle<Type extends HandlerType>(type: Type, handler: Handlers[Type]): () => void
}

/** What the service itself does with a message. Returns what to wait for, if anything; that never rejects. */
export type Route = (session: Session, envelope: Envelope) => Promise<void> | undefined

/** What {@link Dispatch} is made with. */
export interface DispatchInit {
  log: Logger
  /** Called when a handler of the application threw. */
  onHandlerError: (type: HandlerType) => void
}

const VERDICTS: ReadonlySet<string> = new Set<Verdict>(['accept', 'ignore', 'reject'])

/** Where every message of a ready session goes: to what the service does with it, and to the application. */
export class Dispatch implements Router {
  readonly #init: DispatchInit
  readonly #handlers: Partial<Handlers> = {}
  readonly #routes = new Map<MessageType, Route>()

  constructor (init: DispatchInit) {
    this.#init = init
  }

  handle<Type extends HandlerType> (type: Type, handler: Handlers[Type]): () => void {
    if (!HANDLER_TYPES.includes(type) || typeof handler !== 'function') {
      throw new VibeCoinError(`Expected a function to handle one of ${HANDLER_TYPES.join(', ')}, got ${type}`)
    }

    if (this.#handlers[type] != null) {
      throw new VibeCoinError(`There is a handler for ${type} already`)
    }

    this.#handlers[type] = handler

    return () => {
      if (this.#handlers[type] === handler) {
        // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- one of the names above
        delete this.#handlers[type]
      }
    }
  }

  /** The application's handler of a kind of message. */
  get<Type extends HandlerType> (type: Type): Handlers[Type] | undefined {
    return this.#handlers[type]
  }

  /** Sets what the service does with a kind of message. */
  route (type: MessageType, route: Route): void {
    this.#routes.set(type, route)
  }

  /** Takes a message of a ready session. Throws a DecodeError where it is not what it says to be. */
  dispatch (session: Session, envelope: Envelope): Promise<void> | undefined {
    const { type } = envelope
    const route = type == null ? undefined : this.#routes.get(type)

    if (route != null) {
      return route(session, envelope)
    }

    if (type === 'ping' || type === 'pong' || type === 'disconnect') {
      return this.#tell(type, envelope.body, session)
    }

    return undefined
  }

  /** What the application thinks of an item. Never throws, and never rejects. */
  judge (message: BroadcastMessage, from: Peer): Verdict | Promise<Verdict> {
    try {
      const verdict = message.type === 'newBlock'
        ? this.#handlers.newBlock?.(message.block, from)
        : this.#handlers.newTransaction?.(message.transaction, from)

      if (!isThenable(verdict)) {
        return this.#check(message.type, verdict)
      }

      return Promise.resolve(verdict)
        .then((verdict) => this.#check(message.type, verdict))
        .catch((err: unknown) => this.#onError(message.type, err))
    } catch (err) {
      return this.#onError(message.type, err)
    }
  }

  #check (type: BroadcastMessage['type'], verdict: Verdict | undefined | void): Verdict {
    if (verdict == null || VERDICTS.has(verdict)) {
      return verdict ?? 'accept'
    }

    return this.#onError(type, new VibeCoinError(`Expected one of ${[...VERDICTS].join(', ')}, got ${JSON.stringify(verdict)}`))
  }

  #tell (type: 'ping' | 'pong' | 'disconnect', body: Uint8Array, peer: Peer): Promise<void> | undefined {
    const handler = this.#handlers[type]

    if (handler == null) {
      return undefined
    }

    try {
      const told = handler(decodeBody(type, body) as never, peer)

      return isThenable(told) ? Promise.resolve(told).catch((err: unknown) => { this.#onError(type, err) }) : undefined
    } catch (err) {
      this.#onError(type, err)
      return undefined
    }
  }

  #onError (type: HandlerType, err: unknown): 'ignore' {
    this.#init.log.error('the handler of %s threw %s - %e', type, errorMessage(err), err)
    this.#init.onHandlerError(type)

    return 'ignore'
  }
}

function isThenable<Value> (value: Awaitable<Value>): value is Promise<Value> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}

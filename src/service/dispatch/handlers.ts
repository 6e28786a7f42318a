import { errorMessage, VibeCoinError } from '../../errors.ts'
import { HANDLER_TYPES } from '../../types/handlers.ts'
import { isThenable } from '../../util/isolate.ts'
import { Stride } from '../../util/stride.ts'
import type { Handlers, HandlerType } from '../../types/handlers.ts'
import type { SessionRecord } from '../../session/record.ts'
import type { Peer } from '../../types/peer.ts'
import type { Clock } from '../../util/clock.ts'
import type { Logger } from '@libp2p/interface'

/** Gives each kind of message to the application's handler for it. */
export interface Router {
  /**
   * Sets the handler of a kind of message and returns a function that removes it.
   * Throws where there is one already.
   */
  handle<Type extends HandlerType>(type: Type, handler: Handlers[Type]): () => void
}

/** A peer whose message is handled. */
export type HandledPeer = Peer & { readonly record?: Pick<SessionRecord, 'noteHandled'> }

/** Options of {@link HandlerTable}. */
export interface HandlerTableInit {
  /** The handlers that the application has given with its config. */
  handlers?: Partial<Handlers> | undefined
  log: Logger
  clock: Clock
  /** Counts a handler that threw. */
  onError: (type: HandlerType) => void
  /** Takes how long a handler took, in ms by the clock. */
  onHandled?: (type: HandlerType, ms: number) => void
}

/** A kind of message whose handler is timed. That of `requestBlockRange` goes at the pace of the peer. */
type TimedType = Exclude<HandlerType, 'requestBlockRange'>

/** A call of a handler. */
interface Call {
  type: TimedType
  /** For how many calls its time counts; 0 where it is not timed. */
  weight: number
  /** When it began, by the clock, where it is timed. */
  since: number
  record: HandledPeer['record']
}

/** The application's handlers, one of each kind of message. */
export class HandlerTable implements Router {
  readonly #init: HandlerTableInit
  readonly #handlers: Partial<Handlers> = {}
  readonly #strides = Object.fromEntries(HANDLER_TYPES.map((type) => [type, new Stride()])) as Record<HandlerType, Stride>

  constructor (init: HandlerTableInit) {
    this.#init = init

    for (const type of HANDLER_TYPES) {
      const handler = init.handlers?.[type]

      if (handler != null) {
        this.handle(type, handler)
      }
    }
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

  /**
   * Calls the handler for a message of a peer, where there is one. Takes note of how long that takes: until its promise settles, where it
   * gives one. Of short calls it times some, each of which counts for the others.
   */
  call<Type extends TimedType> (
    type: Type, message: Parameters<Handlers[Type]>[0], peer: HandledPeer
  ): ReturnType<Handlers[Type]> | undefined {
    const handler = this.#handlers[type] as ((message: unknown, peer: HandledPeer) => ReturnType<Handlers[Type]>) | undefined

    if (handler == null) {
      return undefined
    }

    const weight = this.#strides[type].pass()
    const since = weight === 0 ? 0 : this.#now()
    const call: Call = { type, weight, since, record: peer.record }
    let result: ReturnType<Handlers[Type]>

    try {
      result = handler(message, peer)
    } catch (err) {
      this.#onEnd(call)
      throw err
    }

    if (isThenable(result)) {
      const onEnd = (): void => { this.#onEnd(call) }
      result.then(onEnd, onEnd)
    } else {
      this.#onEnd(call)
    }

    return result
  }

  /** Logs and counts what a handler has thrown. */
  noteError (type: HandlerType, err: unknown): void {
    this.#init.log.error('the handler of %s threw %s - %e', type, errorMessage(err), err)
    this.#init.onError(type)
  }

  #onEnd ({ type, weight, since, record }: Call): void {
    const { onHandled } = this.#init
    const ms = weight === 0 ? 0 : this.#now() - since
    record?.noteHandled(weight * ms)

    if (weight > 0) {
      this.#strides[type].took(ms)
    }

    for (let count = 0; count < weight; count++) {
      onHandled?.(type, ms)
    }
  }

  #now (): number { return this.#init.clock.now() }
}

import { errorMessage, VibeCoinError } from '../../errors.ts'
import { HANDLER_TYPES } from '../../types/handlers.ts'
import { isThenable } from '../../util/isolate.ts'
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

/** The application's handlers, one of each kind of message. */
export class HandlerTable implements Router {
  readonly #init: HandlerTableInit
  readonly #handlers: Partial<Handlers> = {}

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

  /** Calls a handler for a message of a peer, and takes note of how long that takes: until its promise settles, where it gives one. */
  call<Result> (type: HandlerType, { record }: HandledPeer, call: () => Result): Result {
    const { clock, onHandled } = this.#init
    const since = clock.now()
    const onEnd = (): void => {
      const ms = clock.now() - since
      record?.noteHandled(ms)
      onHandled?.(type, ms)
    }
    let result: Result

    try {
      result = call()
    } catch (err) {
      onEnd()
      throw err
    }

    if (isThenable(result)) {
      result.then(onEnd, onEnd)
    } else {
      onEnd()
    }

    return result
  }

  /** Logs and counts what a handler has thrown. */
  noteError (type: HandlerType, err: unknown): void {
    this.#init.log.error('the handler of %s threw %s - %e', type, errorMessage(err), err)
    this.#init.onError(type)
  }
}

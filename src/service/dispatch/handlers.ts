import { errorMessage, VibeCoinError } from '../../errors.ts'
import { HANDLER_TYPES } from '../../types/handlers.ts'
import type { Handlers, HandlerType } from '../../types/handlers.ts'
import type { Logger } from '@libp2p/interface'

/** Gives each kind of message to the application's handler for it. */
export interface Router {
  /**
   * Sets the handler of a kind of message and returns a function that removes it.
   * Throws where there is one already.
   */
  handle<Type extends HandlerType>(type: Type, handler: Handlers[Type]): () => void
}

/** Options of {@link HandlerTable}. */
export interface HandlerTableInit {
  /** The handlers that the application has given with its config. */
  handlers?: Partial<Handlers> | undefined
  log: Logger
  /** Counts a handler that threw. */
  onError: (type: HandlerType) => void
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

  /** Logs and counts what a handler has thrown. */
  noteError (type: HandlerType, err: unknown): void {
    this.#init.log.error('the handler of %s threw %s - %e', type, errorMessage(err), err)
    this.#init.onError(type)
  }
}

import { VibeCoinError } from '../../errors.ts'
import { isThenable } from '../../util/isolate.ts'
import type { HandledPeer, HandlerTable } from './handlers.ts'
import type { BroadcastMessage } from '../../types/message.ts'
import type { Verdict } from '../../types/handlers.ts'

const VERDICTS: ReadonlySet<string> = new Set<Verdict>(['accept', 'ignore', 'reject'])

/** Asks the application for its verdict on blocks and transactions, and survives errors of its handlers. */
export class Validator {
  readonly #handlers: HandlerTable

  constructor (handlers: HandlerTable) {
    this.#handlers = handlers
  }

  /**
   * The application's verdict: `accept` where it has no handler or the handler returns nothing, `ignore` where the handler fails.
   * Never throws, and never rejects.
   */
  judge (message: BroadcastMessage, from: HandledPeer): Verdict | Promise<Verdict> {
    try {
      const verdict = message.type === 'newBlock'
        ? this.#handlers.call(message.type, message.block, from)
        : this.#handlers.call(message.type, message.transaction, from)

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

  #onError (type: BroadcastMessage['type'], err: unknown): 'ignore' {
    this.#handlers.noteError(type, err)

    return 'ignore'
  }
}

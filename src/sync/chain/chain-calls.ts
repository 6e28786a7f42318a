import type { Clock } from '../../util/clock.ts'
import type { Awaitable } from '../../types/chain.ts'

/**
 * How long a call of the chain may take before the node says so.
 *
 * @remarks The node logs it once for each call, and `status().sync.chainCalls` has the call until it returns. It is not given up.
 */
export const CALL_OVERDUE_MS = 10_000

/** Calls of the chain that a status lists, those that have been under way the longest. */
export const MAX_LISTED_CALLS = 8

/** The methods of a chain. */
export type ChainMethod = 'tip' | 'lowestHeight' | 'get' | 'range' | 'verify' | 'append' | 'reorganise'

/** Takes how long a call of a chain took, in ms. */
type OnCalled = (method: ChainMethod, ms: number) => void

/** What is called for calls of a chain. None of it may throw. */
export interface ChainCallsListener {
  /** Takes how long a call took, in ms. */
  onCalled?: OnCalled | undefined
  /** Called once for each call that has been under way for {@link CALL_OVERDUE_MS}. */
  onOverdue?: ((method: ChainMethod) => void) | undefined
}

/** A call under way, and when it began. */
interface Call { method: ChainMethod, since: number, isTold?: boolean }

/** The calls of a chain that are under way: how long each takes, and which do not return. */
export class ChainCalls {
  readonly #clock: Clock
  readonly #listener: ChainCallsListener
  readonly #calls = new Set<Call>()
  /** Fires when a call may have become overdue. */
  #timer: unknown

  constructor (clock: Clock, listener: ChainCallsListener) {
    this.#clock = clock
    this.#listener = listener
  }

  /** The methods that have not returned yet. */
  get underWay (): ChainMethod[] { return Array.from(this.#calls, ({ method }) => method) }

  /** The calls that have been under way for {@link CALL_OVERDUE_MS}, and for how many ms: the first {@link MAX_LISTED_CALLS}. */
  get overdue (): { method: ChainMethod, ms: number }[] {
    const now = this.#clock.now()
    const calls = Array.from(this.#calls, ({ method, since }) => ({ method, ms: now - since }))

    return calls.filter(({ ms }) => ms >= CALL_OVERDUE_MS).slice(0, MAX_LISTED_CALLS)
  }

  /** Calls the chain. `onOver` is called when a promise of it has settled. */
  run<Result> (method: ChainMethod, call: () => Awaitable<Result>, onOver: () => void): Awaitable<Result> {
    const since = this.#clock.now()
    const result = call()

    if (isPromise(result)) {
      this.#follow({ method, since }, result, onOver)
    } else {
      this.#listener.onCalled?.(method, this.#clock.now() - since)
    }

    return result
  }

  /** Tells of no overdue call any more. */
  endWatch (): void {
    this.#clock.clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #follow (call: Call, result: PromiseLike<unknown>, onOver: () => void): void {
    const end = (): void => {
      this.#calls.delete(call)

      if (this.#calls.size === 0) {
        this.endWatch()
      }

      onOver()
      this.#listener.onCalled?.(call.method, this.#clock.now() - call.since)
    }

    this.#calls.add(call)
    result.then(end, end)
    this.#watch(CALL_OVERDUE_MS)
  }

  /** Looks for overdue calls in so many ms. One timer is enough for all of them. */
  #watch (ms: number): void {
    this.#timer ??= this.#clock.setTimeout(() => {
      this.#timer = undefined
      this.#tellOverdue()
    }, ms)
  }

  #tellOverdue (): void {
    const now = this.#clock.now()

    for (const call of this.#calls) {
      const left = call.since + CALL_OVERDUE_MS - now

      if (left > 0) {
        // the calls after it have begun later
        this.#watch(left)
        return
      }

      if (call.isTold !== true) {
        call.isTold = true
        this.#listener.onOverdue?.(call.method)
      }
    }
  }
}

/** Whether a chain has given a promise. */
export function isPromise (result: unknown): result is PromiseLike<unknown> {
  return typeof (result as Partial<PromiseLike<unknown>> | undefined)?.then === 'function'
}

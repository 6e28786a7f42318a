import { TypedEventEmitter } from 'main-event'
import { isolate } from '../../util/isolate.ts'
import type { EventHandler, TypedEventTarget } from '@libp2p/interface'

type Listener = EventHandler<Event> | null
type Callback = (event: Event) => void
/** A listener should return nothing, but an async one returns a promise. */
type Handle = (event: Event) => unknown
interface HandlerObject { handleEvent: Handle }
/** From libp2p, so that an application needs no `dom` types for this package. */
type ListenerOptions = Parameters<TypedEventTarget<Record<string, Event>>['addEventListener']>[2]

/**
 * An event target whose listeners may throw: an exception of one ends with `onError`, where Node.js would end the process.
 */
export class IsolatedEventEmitter<Events extends Record<keyof Events, Event>> extends TypedEventEmitter<Events> {
  readonly #onError: (type: string, error: unknown) => void
  /** What stands for each listener. The same listener of two types is the same here too. */
  readonly #safe = new WeakMap<object, Callback>()

  constructor (onError: (type: string, error: unknown) => void) {
    super()
    this.#onError = onError
  }

  override addEventListener (type: never, listener: Listener, options?: ListenerOptions): void {
    super.addEventListener(type, this.#makeSafe(listener), options)
  }

  override removeEventListener (type: never, listener?: Listener, options?: ListenerOptions): void {
    super.removeEventListener(type, this.#makeSafe(listener ?? null), options)
  }

  #makeSafe (listener: Listener): Callback | null {
    if (listener == null) {
      return null
    }

    const safe = this.#safe.get(listener) ?? ((event: Event) => { this.#call(listener, event) })
    this.#safe.set(listener, safe)

    return safe
  }

  #call (listener: NonNullable<Listener>, event: Event): void {
    const call = (): unknown => typeof listener === 'function' ? (listener as Handle)(event) : (listener as HandlerObject).handleEvent(event)
    isolate(call, (err) => { this.#onError(event.type, err) })
  }
}

import type { Network } from '../../network.ts'
import type { VibeCoinEvents } from '../../index.ts'

/** The type of an event of a node. */
export type EventType = keyof VibeCoinEvents

/** What an event of a node tells. */
export type EventDetail<Type extends EventType> = VibeCoinEvents[Type]['detail']

type Listener = (event: CustomEvent<never>) => void

/** Listeners of a test to one node, which stay through its restarts. */
export class NodeEvents {
  readonly #listeners = new Set<{ type: EventType, listener: Listener }>()
  #network: Network | undefined

  /** Listens to what the node is from now on. */
  watch (network: Network): void {
    this.#network = network
    this.#listeners.forEach(({ type, listener }) => { network.addEventListener(type, listener as never) })
  }

  /** Adds a listener. Returns what removes it. */
  on<Type extends EventType> (type: Type, listener: (detail: EventDetail<Type>) => void): () => void {
    const entry = { type, listener: ({ detail }: CustomEvent<EventDetail<Type>>): void => { listener(detail) } }
    this.#listeners.add(entry)
    this.#network?.addEventListener(type, entry.listener)

    return () => {
      this.#listeners.delete(entry)
      this.#network?.removeEventListener(type, entry.listener as never)
    }
  }
}

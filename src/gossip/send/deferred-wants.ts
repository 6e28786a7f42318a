import type { ReadyPeer } from '../peers.ts'
import type { Clock } from '../../util/clock.ts'

/**
 * Items that one peer has asked for and that wait until it may be sent more. The node forgets those above that: the peer may ask others.
 */
export const MAX_DEFERRED_WANTS = 64

/** How often the node checks whether a peer may be sent what it waits for. */
export const DEFERRED_WANTS_CHECK_MS = 100

/** Options of {@link DeferredWants}. */
export interface DeferredWantsInit {
  clock: Clock
  /** Sends a peer the item with this key where it can have it. False where that has to wait. */
  send: (key: string, peer: ReadyPeer, isCompact: boolean) => boolean
  /** How many of one peer wait. Left out, MAX_DEFERRED_WANTS. */
  max?: number
}

/** The keys of items, and whether the peer takes their compact form. */
type Wants = Map<string, boolean>

/** The items that peers have asked for and could not be sent yet, since they had been sent as much as they take. */
export class DeferredWants {
  readonly #init: DeferredWantsInit
  readonly #byPeer = new Map<string, { peer: ReadyPeer, keys: Wants }>()
  #timer: unknown

  constructor (init: DeferredWantsInit) {
    this.#init = init
  }

  add (key: string, peer: ReadyPeer, isCompact = false): void {
    const entry = this.#byPeer.get(peer.id) ?? { peer, keys: new Map() }
    this.#byPeer.set(peer.id, entry)

    if (entry.keys.size < (this.#init.max ?? MAX_DEFERRED_WANTS)) {
      entry.keys.set(key, isCompact)
    }

    this.#watch()
  }

  forgetPeer ({ id }: ReadyPeer): void {
    this.#byPeer.delete(id)
    this.#watch()
  }

  /** Forgets all deferred wants. */
  stop (): void {
    this.#byPeer.clear()
    this.#watch()
  }

  #watch (): void {
    const { clock } = this.#init

    if (this.#byPeer.size === 0) {
      clock.clearTimeout(this.#timer)
      this.#timer = undefined
    } else {
      this.#timer ??= clock.setTimeout(this.#onTimer, DEFERRED_WANTS_CHECK_MS)
    }
  }

  readonly #onTimer = (): void => {
    this.#timer = undefined

    for (const { peer, keys } of [...this.#byPeer.values()]) {
      this.#send(peer, keys)
    }

    this.#watch()
  }

  #send (peer: ReadyPeer, keys: Wants): void {
    for (const [key, isCompact] of keys) {
      if (!this.#init.send(key, peer, isCompact)) {
        return
      }

      keys.delete(key)
    }

    // sending may have ended the session, and another one begun
    if (this.#byPeer.get(peer.id)?.keys === keys) {
      this.#byPeer.delete(peer.id)
    }
  }
}

import type { ReadyPeer } from '../peers.ts'
import type { Clock } from '../../util/clock.ts'

/**
 * Items that one peer has asked for and that wait until it may be sent more. The node forgets those above that: the peer may ask others.
 */
export const MAX_DEFERRED_WANTS = 64

/** How often the node checks whether a peer may be sent what it waits for, at least. */
export const DEFERRED_WANTS_CHECK_MS = 100

/** Options of {@link DeferredWants}. */
export interface DeferredWantsInit {
  clock: Clock
  /** Sends a peer the item with this key where it can have it. False where that has to wait. */
  send: (key: string, peer: ReadyPeer, isCompact: boolean) => boolean
  /** In how many ms something large may be sent. Left out, the node looks every DEFERRED_WANTS_CHECK_MS. */
  wait?: () => number
  /** How many of one peer wait. Left out, MAX_DEFERRED_WANTS. */
  max?: number
}

/** The keys of items, and whether the peer takes their compact form. */
type Wants = Map<string, boolean>

/**
 * The items that peers have asked for and could not be sent yet: they had been sent as much as they take, or others were sent something.
 * Peers take turns, an item each.
 */
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

  /** Sends what may be sent now. */
  serve (): void {
    let isSent = this.#byPeer.size > 0
    this.#init.clock.clearTimeout(this.#timer)
    this.#timer = undefined

    while (isSent) {
      isSent = false

      for (const { peer, keys } of [...this.#byPeer.values()]) {
        isSent = this.#sendFirst(peer, keys) || isSent
      }
    }

    this.#watch()
  }

  #watch (): void {
    const { clock, wait = () => 0 } = this.#init

    if (this.#byPeer.size === 0) {
      clock.clearTimeout(this.#timer)
      this.#timer = undefined
    } else if (this.#timer == null) {
      const ms = wait()
      // where nothing is to be waited for, a peer takes no more now
      this.#timer = clock.setTimeout(this.#onTimer, ms > 0 ? Math.min(ms, DEFERRED_WANTS_CHECK_MS) : DEFERRED_WANTS_CHECK_MS)
    }
  }

  readonly #onTimer = (): void => {
    this.#timer = undefined
    this.serve()
  }

  /** Sends the first item that a peer waits for. False where none could be sent. */
  #sendFirst (peer: ReadyPeer, keys: Wants): boolean {
    const [first] = keys

    if (first == null || this.#byPeer.get(peer.id)?.keys !== keys || !this.#init.send(first[0], peer, first[1])) {
      return false
    }

    keys.delete(first[0])

    // sending may have ended the session, and another one begun
    if (this.#byPeer.get(peer.id)?.keys === keys) {
      this.#byPeer.delete(peer.id)

      if (keys.size > 0) {
        this.#byPeer.set(peer.id, { peer, keys })
      }
    }

    return true
  }
}

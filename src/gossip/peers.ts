import type { Session } from '../session/session.ts'

/** A peer with a ready session. */
export interface ReadyPeer {
  readonly id: string
  /** Its bit in tables that have one for each peer; `undefined` where none was free when it came. */
  readonly number: number | undefined
  /** The latest of its sessions. */
  session: Session
  /** Whether that session has the feature `short-digests`. */
  usesShortDigests: boolean
  /** Whether no transactions pass in that session. */
  isBlockOnly: boolean
}

/**
 * The ready peers by peer id, each with a small number. When another session with a peer replaces the first, the peer stays, and keeps
 * its number.
 */
export class ReadyPeers implements Iterable<ReadyPeer> {
  readonly #peers = new Map<string, ReadyPeer>()
  /** The numbers that are free, the next one last. */
  readonly #free: number[]

  /** Gives the numbers from 0 to `numbers - 1`. */
  constructor (numbers: number) {
    this.#free = Array.from({ length: numbers }, (_, index) => numbers - 1 - index)
  }

  /** The live set, and no copy: the node iterates for every transaction. */
  [Symbol.iterator] (): Iterator<ReadyPeer> {
    return this.#peers.values()
  }

  get size (): number {
    return this.#peers.size
  }

  /** The peer with this peer id. */
  get (id: string): ReadyPeer | undefined {
    return this.#peers.get(id)
  }

  /** Adds a session that is ready now. */
  add (session: Session): ReadyPeer {
    const known = this.#peers.get(session.id)
    const now = { session, usesShortDigests: session.features.includes('short-digests'), isBlockOnly: session.isBlockOnly }

    if (known != null) {
      return Object.assign(known, now)
    }

    const peer = { id: session.id, number: this.#free.pop(), ...now }
    this.#peers.set(peer.id, peer)

    return peer
  }

  /**
   * Removes a session that has ended. Returns the peer where it has gone with it: the caller clears what its number stood for in the
   * same turn of the event loop.
   */
  remove (session: Session): ReadyPeer | undefined {
    const peer = this.#peers.get(session.id)

    if (peer?.session !== session) {
      return undefined
    }

    this.#peers.delete(peer.id)

    if (peer.number != null) {
      this.#free.push(peer.number)
    }

    return peer
  }
}

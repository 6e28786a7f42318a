import type { Session } from '../session/session.ts'

/** A peer that is ready. */
export interface ReadyPeer {
  readonly id: string
  /** Its bit in tables that have one for each peer; `undefined` where there was none left when it came. */
  readonly number: number | undefined
  /** The latest of its sessions. */
  session: Session
}

/**
 * The peers that are ready, each with a small number. By peer id: when another session takes the place of a peer's first, the
 * peer stays, and keeps its number.
 */
export class ReadyPeers implements Iterable<ReadyPeer> {
  readonly #peers = new Map<string, ReadyPeer>()
  /** Numbers that can be given, the next one last. */
  readonly #free: number[]

  /** Numbers from 0 to below `numbers` are given. */
  constructor (numbers: number) {
    this.#free = Array.from({ length: numbers }, (_, index) => numbers - 1 - index)
  }

  /** As they are while they are walked: no copy is made, for every transaction goes to all of them. */
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

  /** Takes note of a session that is ready now. */
  add (session: Session): ReadyPeer {
    const known = this.#peers.get(session.id)

    if (known != null) {
      known.session = session

      return known
    }

    const peer = { id: session.id, number: this.#free.pop(), session }
    this.#peers.set(peer.id, peer)

    return peer
  }

  /**
   * Takes note of a session that has ended. Returns the peer where it has gone with it: what its number stood for has to be
   * cleared in the same turn.
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

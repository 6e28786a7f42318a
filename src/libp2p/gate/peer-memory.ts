import { ownPeerId } from '../patches/peer-id-memory.ts'
import { systemClock } from '../../util/clock.ts'
import { RELAY_CLIENT_TAG } from './sessionless.ts'
import type { Clock } from '../../util/clock.ts'
import type { Libp2pEvents, PeerId, PeerStore, PeerUpdate, Startable, TypedEventTarget } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'

/** Peers without a connection of which libp2p keeps what it knows, apart from those that a part has tagged. */
export const MAX_REMEMBERED_PEERS = 512

/**
 * How long libp2p keeps what it knows of a peer, from the end of the connection or what was heard last.
 *
 * The DHT may be about to choose the peer.
 */
export const REMEMBERED_MS = 60_000

/** What {@link PeerMemory} needs of libp2p. */
export interface PeerMemoryComponents {
  connectionManager: Pick<ConnectionManager, 'getConnections'>
  events: TypedEventTarget<Libp2pEvents>
  peerStore: Pick<PeerStore, 'get' | 'delete' | 'merge'>
}

/**
 * Has libp2p forget peers whose connection has ended, and those that it has only heard of, soon, and the oldest where there are too
 * many. By itself it keeps each for six hours, and an identity costs nothing.
 *
 * A peer with a tag stays: some part has chosen it, within a bound of its own. Those of its routing table are tagged by the DHT.
 */
export class PeerMemory implements Startable {
  readonly #components: PeerMemoryComponents
  readonly #clock: Clock
  /** Those without a connection, the one that something was heard of last at the end. */
  readonly #strangers = new Map<string, { peer: PeerId, since: number }>()
  #timer: unknown

  constructor (components: PeerMemoryComponents, clock: Clock = systemClock) {
    this.#components = components
    this.#clock = clock
  }

  /** Peers without a connection that are to be forgotten. */
  get size (): number {
    return this.#strangers.size
  }

  start (): void {
    this.#components.events.addEventListener('peer:connect', this.#onConnect)
    this.#components.events.addEventListener('peer:disconnect', this.#onDisconnect)
    this.#components.events.addEventListener('peer:update', this.#onUpdate)
  }

  stop (): void {
    this.#components.events.removeEventListener('peer:connect', this.#onConnect)
    this.#components.events.removeEventListener('peer:disconnect', this.#onDisconnect)
    this.#components.events.removeEventListener('peer:update', this.#onUpdate)
    this.#clock.clearTimeout(this.#timer)
    this.#timer = undefined
    this.#strangers.clear()
  }

  readonly #onConnect = ({ detail: peer }: CustomEvent<PeerId>): void => {
    this.#strangers.delete(peer.toString())
  }

  readonly #onDisconnect = ({ detail: peer }: CustomEvent<PeerId>): void => {
    this.#note(peer)
  }

  readonly #onUpdate = ({ detail: { peer } }: CustomEvent<PeerUpdate>): void => {
    if (!this.#isConnected(peer.id)) {
      this.#note(peer.id)
    }
  }

  #isConnected (peer: PeerId): boolean {
    return this.#components.connectionManager.getConnections(peer).length > 0
  }

  #note (peer: PeerId): void {
    const id = peer.toString()
    this.#strangers.delete(id)
    this.#strangers.set(id, { peer: ownPeerId(peer), since: this.#clock.now() })
    this.#forgetSome()
  }

  /** Those whose time is over, and the oldest of too many. */
  #forgetSome (): void {
    for (const [id, { peer, since }] of this.#strangers) {
      const left = since + REMEMBERED_MS - this.#clock.now()

      if (left > 0 && this.#strangers.size <= MAX_REMEMBERED_PEERS) {
        this.#timer ??= this.#clock.setTimeout(() => {
          this.#timer = undefined
          this.#forgetSome()
        }, left)

        return
      }

      this.#strangers.delete(id)
      void this.#forget(peer)
    }
  }

  async #forget (peer: PeerId): Promise<void> {
    const { peerStore } = this.#components

    try {
      const { tags } = await peerStore.get(peer)
      const hasPlace = tags.delete(RELAY_CLIENT_TAG)

      if (this.#isConnected(peer)) {
        return
      }

      if (tags.size === 0) {
        await peerStore.delete(peer)
      } else if (hasPlace) {
        await peerStore.merge(peer, { tags: { [RELAY_CLIENT_TAG]: undefined } })
      }
    } catch {
      // it is forgotten already, or libp2p has stopped
    }
  }
}

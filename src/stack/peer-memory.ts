import { RELAY_CLIENT_TAG } from './guests.ts'
import type { Libp2pEvents, PeerId, PeerStore, PeerUpdate, Startable, TypedEventTarget } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'

/** Peers without a connection of whom libp2p keeps what it knows, apart from those that a part has tagged. */
export const MAX_REMEMBERED_PEERS = 512

/** What {@link PeerMemory} needs of libp2p. */
export interface PeerMemoryComponents {
  connectionManager: Pick<ConnectionManager, 'getConnections'>
  events: TypedEventTarget<Libp2pEvents>
  peerStore: Pick<PeerStore, 'get' | 'delete' | 'merge'>
}

/**
 * Has libp2p forget peers: one whose connection has ended at once, and of those that it has only heard of the oldest where there are
 * too many. By itself it keeps each for six hours, and an identity costs nobody anything.
 *
 * A peer with a tag stays: some part has chosen it, within a bound of its own. Those of its routing table are tagged by the DHT.
 */
export class PeerMemory implements Startable {
  readonly #components: PeerMemoryComponents
  /** Those without a connection, the one that was written to last at the end. */
  readonly #strangers = new Map<string, PeerId>()

  constructor (components: PeerMemoryComponents) {
    this.#components = components
  }

  /** Peers without a connection that will be forgotten when there are too many. */
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
    this.#strangers.clear()
  }

  readonly #onConnect = ({ detail: peer }: CustomEvent<PeerId>): void => {
    this.#strangers.delete(peer.toString())
  }

  readonly #onDisconnect = ({ detail: peer }: CustomEvent<PeerId>): void => {
    this.#strangers.delete(peer.toString())
    void this.#forget(peer)
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
    this.#strangers.delete(peer.toString())
    this.#strangers.set(peer.toString(), peer)

    if (this.#strangers.size > MAX_REMEMBERED_PEERS) {
      const [id, oldest] = this.#strangers.entries().next().value!
      this.#strangers.delete(id)
      void this.#forget(oldest)
    }
  }

  /** libp2p's registrar has looked at what is known of the peer before: whoever asks for it takes turns. */
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

import { KEEP_ALIVE } from '@libp2p/interface'
import { systemClock } from '../../util/clock.ts'
import { closeWhenUnused } from '../../connect/connection.ts'
import type { Clock } from '../../util/clock.ts'
import type { Libp2pEvents, Peer, PeerId, Startable, Stream, TypedEventTarget } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'

/** How long a connection stays that only the DHT has used and has no more use for. */
export const DHT_IDLE_MS = 10_000

/** What {@link DhtConnections} needs of libp2p. */
export interface DhtConnectionsComponents {
  connectionManager: Pick<ConnectionManager, 'getConnections'>
  events: TypedEventTarget<Libp2pEvents>
  peerStore: { get (peer: PeerId): Promise<Pick<Peer, 'tags'>> }
}

/**
 * Closes the connections that the DHT has opened, when they are not used any more: otherwise a node would end up with
 * connections to every peer that it has asked, beside those that its slots are for.
 */
export class DhtConnections implements Startable {
  readonly #components: DhtConnectionsComponents
  readonly #clock: Clock
  /** Those to whom there is a connection because of the DHT, each with the timer to its end. */
  readonly #opened = new Map<string, unknown>()
  #isRunning = false

  constructor (components: DhtConnectionsComponents, clock: Clock = systemClock) {
    this.#components = components
    this.#clock = clock
  }

  start (): void {
    this.#isRunning = true
    this.#components.events.addEventListener('peer:disconnect', this.#onDisconnect)
  }

  stop (): void {
    this.#isRunning = false
    this.#components.events.removeEventListener('peer:disconnect', this.#onDisconnect)
    this.#opened.forEach((timer) => { this.#clock.clearTimeout(timer) })
    this.#opened.clear()
  }

  /** Makes use of a connection to a peer, which may have to be opened for it. A stream counts as use until it is closed. */
  async use<Result> (peer: PeerId, action: () => Promise<Result>): Promise<Result> {
    const isNew = !this.#isConnected(peer)

    try {
      const result = await action()

      if (isStream(result)) {
        result.addEventListener('close', () => { this.#onUnused(peer) }, { once: true })
      }

      return result
    } finally {
      // another use may have begun at the same time
      if (isNew && this.#isRunning && !this.#opened.has(peer.toString()) && this.#isConnected(peer)) {
        this.#opened.set(peer.toString(), undefined)
      }

      this.#onUnused(peer)
    }
  }

  #isConnected (peer: PeerId): boolean {
    return this.#components.connectionManager.getConnections(peer).length > 0
  }

  #onUnused (peer: PeerId): void {
    const id = peer.toString()

    if (this.#opened.has(id)) {
      this.#clock.clearTimeout(this.#opened.get(id))
      this.#opened.set(id, this.#clock.setTimeout(() => { void this.#close(peer) }, DHT_IDLE_MS))
    }
  }

  async #close (peer: PeerId): Promise<void> {
    const { connectionManager, peerStore } = this.#components
    const tags = await peerStore.get(peer).then(({ tags }) => [...tags.keys()], () => [])

    // a relay may keep a reservation of this node without a stream
    if (this.#opened.has(peer.toString()) && !tags.some((tag) => tag.startsWith(KEEP_ALIVE))) {
      connectionManager.getConnections(peer).forEach((connection) => { closeWhenUnused(connection, this.#clock) })
    }
  }

  readonly #onDisconnect = ({ detail }: CustomEvent<PeerId>): void => {
    this.#clock.clearTimeout(this.#opened.get(detail.toString()))
    this.#opened.delete(detail.toString())
  }
}

function isStream (value: unknown): value is Stream {
  return typeof value === 'object' && value != null && 'protocol' in value
}

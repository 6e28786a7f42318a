import { closeWhenUnused, openConnection, openStream, openStreamOf } from './connection.ts'
import type { DialOutcome } from './dialer.ts'
import type { ServiceMetrics } from './metrics.ts'
import type { Target } from './targets.ts'
import type { Session } from '../peer/handler.ts'
import type { SessionManager } from '../peer/manager.ts'
import type { Slot } from '../peer/slots.ts'
import type { Connection } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'

/** What {@link Connector} is made with. */
export interface ConnectorInit {
  connectionManager: ConnectionManager
  peers: SessionManager
  metrics: ServiceMetrics
  /** For the connection and the stream, in ms. The handshake has a deadline of its own. */
  dialTimeout: number
}

/** Makes one try to get from addresses to a ready session. */
export class Connector {
  readonly #init: ConnectorInit
  /** Peers to whom a stream is being opened: whoever is reached twice at the same time gets one. */
  readonly #opening = new Map<string, Connection>()

  constructor (init: ConnectorInit) {
    this.#init = init
  }

  /** Dials somebody. The slot is given back where no session is made in it. */
  async connect (target: Pick<Target, 'key' | 'peerId' | 'addresses'>, slot: Slot, signal: AbortSignal): Promise<DialOutcome> {
    const { connectionManager, dialTimeout, metrics } = this.#init
    const limit = AbortSignal.any([signal, AbortSignal.timeout(dialTimeout)])
    let connection: Connection | undefined

    try {
      // the peer id that a seed's address once led to is not the seed's: it may come back with another
      const peerId = target.key === target.peerId ? target.peerId : undefined
      connection = await openConnection(connectionManager, { addresses: target.addresses, peerId }, limit)
      const outcome = await this.#open(connection, slot, limit)
      metrics.dialled(outcome.session == null ? 'duplicate' : 'ready')

      return outcome
    } catch (err) {
      metrics.dialled('failed')
      slot.release()

      if (connection != null) {
        closeWhenUnused(connection)
      }

      throw err
    }
  }

  /** Closes a connection when a session has no more use for it. */
  closeAfter (session: Session, connection: Connection): void {
    void session.finished.then(() => { closeWhenUnused(connection) })
  }

  async #open (connection: Connection, slot: Slot, signal: AbortSignal): Promise<DialOutcome> {
    const { peers } = this.#init
    const peerId = connection.remotePeer.toString()

    if (peers.isKnown(peerId) || this.#opening.has(peerId)) {
      slot.release()

      if (this.#opening.get(peerId) !== connection) {
        closeWhenUnused(connection)
      }

      return { peerId, session: undefined }
    }

    this.#opening.set(peerId, connection)

    try {
      const stream = await openStream(connection, signal)
      const session = peers.dialled(openStreamOf(stream, connection), slot)
      this.closeAfter(session, connection)
      await session.ready

      return { peerId, session }
    } finally {
      this.#opening.delete(peerId)
    }
  }
}

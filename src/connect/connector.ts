import { closeWhenUnused, openConnection, openStream, openStreamOf, whenClosed } from './connection.ts'
import { CutError, explainDialError, explainStreamError } from './dial/dial-error.ts'
import { isRelayed } from '../address/multiaddr.ts'
import { withTimeLimit } from '../util/time-limit.ts'
import { datesOf } from '../util/dates.ts'
import { DisconnectedError, errorMessage } from '../errors.ts'
import type { Racing } from './connection.ts'
import type { Target } from './targets/target.ts'
import type { Clock } from '../util/clock.ts'
import type { Session } from '../session/session.ts'
import type { SessionManager } from '../peers/manager/manager.ts'
import type { Slot } from '../peers/slots.ts'
import type { DialEnd } from '../types/dial-end.ts'
import type { Connection } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'

/** What became of a dial: a session, a refusal by either side, or nothing. */
export type DialOutcome = DialEnd['outcome']

/** What {@link Connector} counts. */
export interface ConnectorMetrics {
  /** A dial, and whether it made a session. */
  dialled: (outcome: DialOutcome) => void
}

/** Options of {@link Connector}. */
export interface ConnectorInit {
  connectionManager: ConnectionManager
  /** Has the addresses of a peer race. Without it libp2p tries one after the other. */
  races?: Racing | undefined
  peers: SessionManager
  metrics: ConnectorMetrics
  clock: Clock
  /** Called with each dial that has ended. `make` makes the record. May not throw. */
  onEnd?: (make: () => DialEnd) => void
  /** For the connection and the stream, in ms. The handshake has a deadline of its own. */
  dialTimeout: number
}

/** The peer to connect to. */
export interface Destination extends Pick<Target, 'key' | 'peerId' | 'addresses'> {
  /** A shorter timeout than `dialTimeout`, in ms. */
  timeout?: number
}

/** What a dial has, and whom it tells of each connection that it gets. */
interface Reaching {
  slot: Slot
  limit: AbortSignal
  onConnected: (connection: Connection) => void
}

/** Makes one try to get from addresses to a ready session. */
export class Connector {
  readonly #init: ConnectorInit
  /** The sessions that are being made, by peer: two dials that reach a peer at the same time share one. */
  readonly #opening = new Map<string, { connection: Connection, session: Promise<Session> }>()

  constructor (init: ConnectorInit) {
    this.#init = init
  }

  /**
   * Dials a peer, and resolves to a ready session with the peer that answers: a new one, or the existing one. Gives the slot back where
   * it is not used. Throws a DisconnectedError of this side where other dials have taken the room of a parked slot.
   */
  async connect (target: Destination, slot: Slot, signal: AbortSignal): Promise<Session> {
    const { clock, dialTimeout } = this.#init
    const ms = Math.min(dialTimeout, target.timeout ?? Infinity)

    return withTimeLimit({ clock, ms, signals: [signal] }, async (limit) => this.#connect(target, slot, limit))
  }

  /** Closes a connection when its session has finished. */
  closeAfter (session: Session, connection: Connection): void {
    void session.finished.then(() => { closeWhenUnused(connection, this.#init.clock) })
  }

  async #connect (target: Destination, slot: Slot, limit: AbortSignal): Promise<Session> {
    const { metrics } = this.#init
    const begun = this.#init.clock.now()
    let connection: Connection | undefined
    let connected: number | undefined
    const end = (outcome: DialOutcome, error?: unknown): void => {
      metrics.dialled(outcome)
      this.#init.onEnd?.(() => dialEnd({ target, outcome, begun, connection, connected, error }, this.#init.clock))
    }

    try {
      const session = await this.#reach(target, { slot, limit, onConnected: (reached) => {
        connection = reached
        connected = this.#init.clock.now()
      } })
      end('ready')

      return session
    } catch (err) {
      const explained = explainDialError(err, target.addresses, connection != null)
      end(err instanceof DisconnectedError && err.reason != null ? 'refused' : 'failed', explained)
      slot.release()

      if (connection != null) {
        closeWhenUnused(connection, this.#init.clock)
      }

      throw explained
    }
  }

  /** A session over a connection to a target. libp2p also gives one that is ending: after its end the node dials once more. */
  async #reach ({ key, peerId, addresses }: Destination, { slot, limit, onConnected }: Reaching): Promise<Session> {
    const older = new Set(this.#init.connectionManager.getConnections())
    // a seed without a peer id may come back with another one than last time
    const destination = { addresses, peerId: key === peerId ? peerId : undefined }
    const open = async (): Promise<Connection> => openConnection(this.#init, destination, limit)
    const connection = await open()
    onConnected(connection)
    // in one turn: the next dial has to find what this one has begun
    const joined = this.#join(connection, slot)

    if (joined != null) {
      return joined
    }

    try {
      return await this.#open(connection, slot, limit)
    } catch (err) {
      if (!older.has(connection) || !(err instanceof CutError)) {
        throw err
      }
    }

    await whenClosed(connection, limit)
    const next = await open()
    onConnected(next)

    return this.#join(next, slot) ?? this.#open(next, slot, limit)
  }

  /** The session with the peer at the other end that exists, or that another dial is making. */
  #join (connection: Connection, slot: Slot): Promise<Session> | undefined {
    const peerId = connection.remotePeer.toString()
    const opening = this.#opening.get(peerId)
    const found = this.#init.peers.find(peerId)
    const isDirect = !isRelayed(connection)
    // a direct session replaces one through a relay
    const existing = isDirect && found?.isRelayed === true ? undefined : found

    if (existing == null && (opening == null || (isDirect && isRelayed(opening.connection)))) {
      return undefined
    }

    slot.release()

    if (opening?.connection !== connection) {
      closeWhenUnused(connection, this.#init.clock)
    }

    return existing == null ? opening?.session : existing.ready.then(() => existing)
  }

  async #open (connection: Connection, slot: Slot, signal: AbortSignal): Promise<Session> {
    if (!slot.resume()) {
      throw noRoomError()
    }

    const peerId = connection.remotePeer.toString()
    const session = this.#openSession(connection, slot, signal)
    this.#opening.set(peerId, { connection, session })

    try {
      return await session
    } finally {
      if (this.#opening.get(peerId)?.session === session) {
        this.#opening.delete(peerId)
      }
    }
  }

  async #openSession (connection: Connection, slot: Slot, signal: AbortSignal): Promise<Session> {
    const stream = await openStream(connection, signal).catch((err: unknown) => {
      throw signal.aborted ? err : explainStreamError(err, connection)
    })
    const moved = this.#init.peers.find(connection.remotePeer.toString())

    // the upgrade has moved the session from a relay to a direct connection meanwhile
    if (moved?.direction === 'outbound' && !moved.isRelayed) {
      stream.abort(new Error('The stream is not needed'))
      slot.release()
      await moved.ready

      return moved
    }

    const session = this.#init.peers.dialled(openStreamOf(stream, connection), slot)
    this.closeAfter(session, connection)

    try {
      await session.ready

      return session
    } catch (err) {
      const other = this.#init.peers.find(session.id)

      if (other == null || other === session) {
        throw err
      }

      // the peer has dialled this node at the same moment, and its stream is the one that stays
      await other.ready

      return other
    }
  }
}

/** What is known of a dial at its end. Times are by the clock. */
interface EndedDial {
  target: Destination
  outcome: DialOutcome
  begun: number
  connection: Connection | undefined
  connected: number | undefined
  error: unknown
}

/** The record of a dial that has ended just now. */
function dialEnd ({ target, outcome, begun, connection, connected, error }: EndedDial, clock: Clock): DialEnd {
  const date = datesOf(clock)

  return {
    ...{ target: target.key, addresses: [...target.addresses], outcome, begun: date(begun), ended: date(clock.now()) },
    ...(connected == null ? {} : { connected: date(connected) }),
    ...(connection == null ? {} : { peer: connection.remotePeer.toString() }),
    ...(error == null ? {} : { error: error instanceof Error ? error : new Error(errorMessage(error)) })
  }
}

/** No outbound slot is free. */
export function noRoomError (): DisconnectedError {
  return new DisconnectedError('All outbound slots are taken', { reason: 'TOO_MANY_CONNECTIONS', byRemote: false })
}

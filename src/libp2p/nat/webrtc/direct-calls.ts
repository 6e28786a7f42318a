import { multiaddr } from '@multiformats/multiaddr'
import { isRelayed } from '../../../address/multiaddr.ts'
import { closeWhenUnused } from '../../../connect/connection.ts'
import { errorMessage } from '../../../errors.ts'
import { withTimeLimit } from '../../../util/time-limit.ts'
import { systemClock } from '../../../util/clock.ts'
import { SIGNALLING_PROTOCOL } from './signalling.ts'
import type { UpgradeState } from '../../../types/peer.ts'
import type { Clock } from '../../../util/clock.ts'
import type { ComponentLogger, Connection, Logger, Startable } from '@libp2p/interface'
import type { ConnectionManager, Registrar, TransportManager } from '@libp2p/interface-internal'

/**
 * One try to get a connection of WebRTC to a peer behind a relay.
 *
 * @remarks The node tries once more, and then the session stays on the relay. It makes two such tries again later.
 */
export const DIRECT_CALL_TIMEOUT_MS = 3200

/** Tries one after the other: on a busy machine the library may miss that a path is there, and waits for it in vain. */
export const TRIES_PER_CALL = 2

/** Calls for one circuit: a NAT does not change. */
export const MAX_CALLS_PER_CIRCUIT = 3

/** From a call that has failed to the next one for the same circuit. */
export const CALL_AGAIN_MS = 5000

/** Calls at a time. The others wait. */
export const MAX_DIRECT_CALLS = 4

/** Circuits whose turn has not come. The node keeps no more, and stays on the relay. */
export const MAX_WAITING_CALLS = 64

/** What {@link DirectCalls} needs of libp2p. */
export interface DirectCallsComponents {
  registrar: Pick<Registrar, 'register' | 'unregister'>
  connectionManager: Pick<ConnectionManager, 'getConnections'>
  transportManager: Pick<TransportManager, 'dial'>
  logger: ComponentLogger
}

/**
 * Calls each peer that this node has dialled through a relay, for a direct connection over WebRTC. The session moves to it as to any
 * direct connection. Only the side that has dialled calls, so that there is one call.
 */
export class DirectCalls implements Startable {
  readonly #components: DirectCallsComponents
  readonly #clock: Clock
  readonly #log: Logger
  /** What became of the last call to a peer, for as long as a circuit to it lasts. */
  readonly #states = new Map<string, UpgradeState>()
  readonly #waiting: Connection[] = []
  /** Circuits to be called again: their calls so far, and the timer of the next one. */
  readonly #again = new Map<Connection, { calls: number, timer: unknown }>()
  #underWay = 0
  #topology: string | undefined
  #running: AbortController | undefined

  constructor (components: DirectCallsComponents, clock: Clock = systemClock) {
    this.#components = components
    this.#clock = clock
    this.#log = components.logger.forComponent('vibecoin:webrtc')
  }

  /** Whether a peer is being called, or was in vain. `undefined` for one that was not called, and for one with a direct connection. */
  stateOf (id: string): UpgradeState | undefined {
    return this.#states.get(id)
  }

  async start (): Promise<void> {
    this.#running = new AbortController()
    this.#topology = await this.#components.registrar.register(SIGNALLING_PROTOCOL, {
      notifyOnLimitedConnection: true,
      onConnect: (_peer, connection) => { this.#onConnection(connection) }
    })
  }

  stop (): void {
    this.#running?.abort()
    this.#running = undefined
    this.#waiting.length = 0
    this.#again.forEach(({ timer }) => { this.#clock.clearTimeout(timer) })
    this.#again.clear()

    if (this.#topology != null) {
      this.#components.registrar.unregister(this.#topology)
    }
  }

  #onConnection (connection: Connection): void {
    if (isRelayed(connection) && connection.direction === 'outbound') {
      connection.addEventListener('close', () => { this.#forget(connection) }, { once: true })
      this.#enqueue(connection)
    }
  }

  #enqueue (connection: Connection): void {
    if (this.#waiting.length < MAX_WAITING_CALLS) {
      this.#waiting.push(connection)
      this.#states.set(connection.remotePeer.toString(), 'trying')
      this.#next()
    }
  }

  #next (): void {
    const connection = this.#underWay < MAX_DIRECT_CALLS ? this.#waiting.shift() : undefined

    if (connection != null && this.#running != null) {
      this.#underWay++
      void this.#call(connection, this.#running.signal).finally(() => {
        this.#underWay--
        this.#next()
      })
    }
  }

  async #call (connection: Connection, signal: AbortSignal): Promise<void> {
    const { remotePeer: peer } = connection
    let error: unknown

    for (let tries = 0; tries < TRIES_PER_CALL; tries++) {
      if (signal.aborted || connection.status !== 'open' || this.#isDirect(connection)) {
        return
      }

      try {
        await withTimeLimit({ clock: this.#clock, ms: DIRECT_CALL_TIMEOUT_MS, signals: [signal] }, async (limit) => {
          // not through the connection manager, which joins dials of the same peer
          await this.#components.transportManager.dial(webRtcAddressOf(connection), { signal: limit })
        })
        this.#states.delete(peer.toString())
        this.#log('a direct connection to %p', peer)
        // the session may fail to move to it, and then it is closed
        this.#callAgain(connection)

        return
      } catch (err) {
        error = err
      }
    }

    this.#onFailure(connection, error)
  }

  #onFailure (connection: Connection, error: unknown): void {
    if (this.#running != null && connection.status === 'open') {
      this.#states.set(connection.remotePeer.toString(), 'failed')
      this.#log.error('no direct connection to %p, whose session stays on the relay: %s', connection.remotePeer, errorMessage(error))
      this.#callAgain(connection)
    }
  }

  #callAgain (connection: Connection): void {
    const calls = (this.#again.get(connection)?.calls ?? 0) + 1
    const timer = calls >= MAX_CALLS_PER_CIRCUIT
      ? undefined
      : this.#clock.setTimeout(() => { this.#enqueue(connection) }, CALL_AGAIN_MS)
    this.#again.set(connection, { calls, timer })
  }

  /**
   * Whether there is a direct connection to the peer already. The circuit ends soon after the session has moved: where it is there long
   * after a call, the session has not, and the direct connection is closed for another try.
   */
  #isDirect (connection: Connection): boolean {
    const { remotePeer: peer } = connection
    const direct = this.#components.connectionManager.getConnections(peer).filter((other) => !isRelayed(other))

    if (direct.length > 0) {
      this.#states.delete(peer.toString())

      if (this.#again.has(connection)) {
        direct.forEach(closeWhenUnused)
        this.#callAgain(connection)
      }
    }

    return direct.length > 0
  }

  #forget (connection: Connection): void {
    const { remotePeer: peer } = connection
    this.#clock.clearTimeout(this.#again.get(connection)?.timer)
    this.#again.delete(connection)

    if (!this.#components.connectionManager.getConnections(peer).some((other) => other !== connection && isRelayed(other))) {
      this.#states.delete(peer.toString())
    }
  }
}

/** `/p2p-circuit/webrtc/p2p/...`: signalled through the circuit. */
function webRtcAddressOf ({ remoteAddr }: Connection): ReturnType<typeof multiaddr> {
  return multiaddr(remoteAddr.toString().replace('/p2p-circuit', '/p2p-circuit/webrtc'))
}

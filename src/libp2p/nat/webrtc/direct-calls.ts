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
  /** Circuits to come back to: their calls so far, the timer of the next one, and whether one of them has made a connection. */
  readonly #again = new Map<Connection, { calls: number, timer: unknown, hasMade: boolean }>()
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

    this.#closeUnused(connection)

    for (let tries = 0; tries < TRIES_PER_CALL; tries++) {
      if (signal.aborted || connection.status !== 'open') {
        return
      }

      if (this.#directTo(connection).length > 0) {
        this.#callAgain(connection)

        return
      }

      try {
        await withTimeLimit({ clock: this.#clock, ms: DIRECT_CALL_TIMEOUT_MS, signals: [signal] }, async (limit) => {
          // not through the connection manager, which joins dials of the same peer
          await this.#components.transportManager.dial(webRtcAddressOf(connection), { signal: limit })
        })
        this.#log('a direct connection to %p', peer)
        this.#callAgain(connection, { hasMade: true })

        return
      } catch (err) {
        error = err
      }
    }

    this.#onFailure(connection, errorMessage(error))
    this.#callAgain(connection)
  }

  #onFailure (connection: Connection, reason: string): void {
    if (this.#running != null && connection.status === 'open') {
      this.#states.set(connection.remotePeer.toString(), 'failed')
      this.#log.error('no direct connection to %p, whose session stays on the relay: %s', connection.remotePeer, reason)
    }
  }

  /**
   * Comes back to a circuit after a call. It ends soon after the session has moved to a direct connection. Where it is there long after one
   * was made, the session has not moved: one of the two has no room for it there.
   */
  #callAgain (connection: Connection, { hasMade = false } = {}): void {
    if (this.#running == null || connection.status !== 'open') {
      return
    }

    const before = this.#again.get(connection)
    const calls = (before?.calls ?? 0) + 1
    const timer = this.#clock.setTimeout(() => {
      if (calls < MAX_CALLS_PER_CIRCUIT) {
        this.#enqueue(connection)
      } else if (this.stateOf(connection.remotePeer.toString()) === 'trying') {
        this.#closeUnused(connection)
        this.#onFailure(connection, 'the session did not move to any that was made')
      }
    }, CALL_AGAIN_MS)
    this.#again.set(connection, { calls, timer, hasMade: hasMade || before?.hasMade === true })
  }

  #directTo ({ remotePeer: peer }: Connection): Connection[] {
    return this.#components.connectionManager.getConnections(peer).filter((other) => !isRelayed(other))
  }

  /** Closes what an earlier call has made, and the session has not moved to. */
  #closeUnused (connection: Connection): void {
    if (this.#again.get(connection)?.hasMade === true) {
      this.#directTo(connection).forEach((other) => { closeWhenUnused(other, this.#clock) })
    }
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

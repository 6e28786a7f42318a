import { closeWhenUnused, openStream, openStreamOf } from './connection.ts'
import { isRelayed } from '../address/multiaddr.ts'
import { withTimeLimit } from '../util/time-limit.ts'
import { PROTOCOL_ID } from '../types/message.ts'
import type { Clock } from '../util/clock.ts'
import type { Session } from '../session/session.ts'
import type { SessionManager } from '../peers/manager/manager.ts'
import type { Connection } from '@libp2p/interface'
import type { Registrar } from '@libp2p/interface-internal'

/** How long the stream on a direct connection may take to open when a session moves to it. */
export const UPGRADE_TIMEOUT_MS = 5000

/** Options of {@link SessionUpgrade}. */
export interface UpgradeInit {
  registrar: Registrar
  peers: SessionManager
  clock: Clock
  /** Called with each new session. */
  onSession: (session: Session, connection: Connection) => void
}

/**
 * Moves sessions from relayed connections to direct ones, as soon as there are such, whichever side has dialled them. Only the side that
 * opened the session moves it: so that happens once, and the session keeps its direction.
 */
export class SessionUpgrade {
  readonly #init: UpgradeInit
  #topology: string | undefined
  #running: AbortController | undefined

  constructor (init: UpgradeInit) {
    this.#init = init
  }

  async start (): Promise<void> {
    this.#running = new AbortController()
    // libp2p reports a connection when it knows the protocols of the peer
    this.#topology = await this.#init.registrar.register(PROTOCOL_ID, {
      onConnect: (_peer, connection) => { void this.#onConnection(connection) }
    })
  }

  stop (): void {
    this.#running?.abort()
    this.#running = undefined

    if (this.#topology != null) {
      this.#init.registrar.unregister(this.#topology)
    }
  }

  async #onConnection (connection: Connection): Promise<void> {
    const session = this.#init.peers.find(connection.remotePeer.toString())

    if (session == null || !session.isRelayed || session.direction !== 'outbound' || isRelayed(connection) || this.#running == null) {
      return
    }

    const { clock } = this.#init

    await withTimeLimit({ clock, ms: UPGRADE_TIMEOUT_MS, signals: [this.#running.signal] }, async (signal) => {
      await session.ready.catch(() => {})
      await moveSession(session, { ...this.#init, connection, signal })
    })
  }
}

/** Where {@link moveSession} moves a session, and until when. */
export interface Move extends Pick<UpgradeInit, 'peers' | 'onSession' | 'clock'> {
  connection: Connection
  signal: AbortSignal
}

/** Opens a session on another connection to the peer of a session, to replace that session. Never throws. */
export async function moveSession (session: Session, { peers, onSession, clock, connection, signal }: Move): Promise<void> {
  try {
    const stream = await openStream(connection, signal)
    const next = signal.aborted ? undefined : peers.succeed(session, openStreamOf(stream, connection))

    if (next == null) {
      stream.abort(new Error('The stream is not needed'))
      closeWhenUnused(connection, clock)
    } else {
      onSession(next, connection)
    }
  } catch {
    // the session stays where it is
    closeWhenUnused(connection, clock)
  }
}

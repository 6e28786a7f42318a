import { openStreamOf } from './connection.ts'
import { SessionUpgrade } from './upgrade-relayed.ts'
import { PROTOCOL_ID } from '../types/message.ts'
import type { Clock } from '../util/clock.ts'
import type { SessionManager } from '../peers/manager/manager.ts'
import type { Session } from '../session/session.ts'
import type { Connection, Stream } from '@libp2p/interface'
import type { Registrar } from '@libp2p/interface-internal'

/**
 * Streams of our protocol on one connection, each way.
 *
 * One is enough. A second exists while it replaces the first, and as many again may still be closing.
 */
export const MAX_STREAMS = 4

/** Options of {@link Listener}. */
export interface ListenerInit {
  registrar: Registrar
  peers: SessionManager
  clock: Clock
  /** Called for each session, refused ones too. */
  onSession: (session: Session, connection: Connection) => void
}

/** Makes sessions of the streams that peers open, and moves sessions from relays to direct connections. */
export class Listener {
  readonly #init: ListenerInit
  readonly #upgrade: SessionUpgrade

  constructor (init: ListenerInit) {
    this.#init = init
    this.#upgrade = new SessionUpgrade(init)
  }

  async start (): Promise<void> {
    await this.#init.registrar.handle(PROTOCOL_ID, (stream, connection) => { this.#onStream(stream, connection) }, {
      maxInboundStreams: MAX_STREAMS,
      maxOutboundStreams: MAX_STREAMS,
      runOnLimitedConnection: true
    })
    await this.#upgrade.start()
  }

  async stop (): Promise<void> {
    this.#upgrade.stop()
    await this.#init.registrar.unhandle(PROTOCOL_ID)
  }

  // in the turn in which the stream came: the bytes that came with it must find a listener
  #onStream (stream: Stream, connection: Connection): void {
    const session = this.#init.peers.accept(openStreamOf(stream, connection))
    this.#init.onSession(session, connection)
  }
}

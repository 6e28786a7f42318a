import { openStreamOf } from './connection.ts'
import { SessionUpgrade } from './upgrade-relayed.ts'
import { PROTOCOL_ID } from '../types/message.ts'
import { ConfigError } from '../errors.ts'
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

  /** Throws a ConfigError where the libp2p node has a handler of our protocol already. */
  async start (): Promise<void> {
    await this.#handle()
    await this.#upgrade.start()
  }

  async stop (): Promise<void> {
    this.#upgrade.stop()
    await this.#init.registrar.unhandle(PROTOCOL_ID)
  }

  async #handle (): Promise<void> {
    const { registrar } = this.#init

    try {
      await registrar.handle(PROTOCOL_ID, (stream, connection) => { this.#onStream(stream, connection) }, {
        maxInboundStreams: MAX_STREAMS,
        maxOutboundStreams: MAX_STREAMS,
        runOnLimitedConnection: true
      })
    } catch (err) {
      if (err instanceof Error && err.name === 'DuplicateProtocolHandlerError') {
        throw new ConfigError(`This libp2p node has a handler of ${PROTOCOL_ID} already: give it one service \`vibecoin()\`, and a libp2p node of its own to each other`, { cause: err })
      }

      throw err
    }
  }

  // in the turn in which the stream came: the bytes that came with it must find a listener
  #onStream (stream: Stream, connection: Connection): void {
    const session = this.#init.peers.accept(openStreamOf(stream, connection))
    this.#init.onSession(session, connection)
  }
}

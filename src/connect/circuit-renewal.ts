import { multiaddr } from '@multiformats/multiaddr'
import { withTimeLimit } from '../util/time-limit.ts'
import { moveSession, UPGRADE_TIMEOUT_MS } from './upgrade-relayed.ts'
import type { UpgradeInit } from './upgrade-relayed.ts'
import type { Clock } from '../util/clock.ts'
import type { Session } from '../session/session.ts'
import type { ConnectionManager } from '@libp2p/interface-internal'

/** From a failure to make another circuit until the next try. */
export const RENEW_RETRY_MS = 5000

/** Options of {@link CircuitRenewal}. */
export interface CircuitRenewalInit extends Pick<UpgradeInit, 'peers' | 'onSession'> {
  connectionManager: Pick<ConnectionManager, 'openConnection'>
  clock: Clock
  /** The signal that ends every dial. Throws where the service does not run. */
  signal: () => AbortSignal
}

/** Replaces a circuit that is nearly used up, before the relay cuts it. */
export class CircuitRenewal {
  readonly #init: CircuitRenewalInit
  /** When the next try may begin, by the clock; `Infinity` while one is under way. */
  readonly #nextAt = new WeakMap<Session, number>()

  constructor (init: CircuitRenewalInit) {
    this.#init = init
  }

  /** Dials the peer of a session once more, at the same address, unless that is under way. Never throws. */
  async renew (session: Session): Promise<void> {
    const { peers, clock } = this.#init

    if (peers.get(session.id) !== session || clock.now() < (this.#nextAt.get(session) ?? 0)) {
      return
    }

    this.#nextAt.set(session, Infinity)

    try {
      await this.#renew(session)
    } catch {
      // the session stays as long as it can
    } finally {
      this.#nextAt.set(session, clock.now() + RENEW_RETRY_MS)
    }
  }

  async #renew (session: Session): Promise<void> {
    const { clock, connectionManager, signal } = this.#init

    await withTimeLimit({ clock, ms: UPGRADE_TIMEOUT_MS, signals: [signal()] }, async (limit) => {
      // without `force` libp2p returns the existing connection
      const connection = await connectionManager.openConnection(multiaddr(session.address), { signal: limit, force: true })
      await moveSession(session, { ...this.#init, connection, signal: limit })
    })
  }
}

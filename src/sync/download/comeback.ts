import type { Clock } from '../../util/clock.ts'
import type { Session } from '../../session/session.ts'

/**
 * How long a request waits for a peer behind a relay whose session has ended, in ms.
 *
 * @remarks The request fails with the code `DISCONNECTED`.
 */
export const COMEBACK_TIMEOUT_MS = 5000

/** How often the request checks whether such a peer is back, in ms. */
export const COMEBACK_CHECK_MS = 50

/** Options of {@link Comebacks}. */
export interface ComebacksInit {
  clock: Clock
  /** The peers that may be asked. */
  peers: () => Session[]
}

/**
 * The peers of one request that are reached through relays. Their sessions may end in the middle of an answer: a relay limits what goes
 * through one connection, and a direct connection may take its place. Such a peer comes back soon, in another session.
 */
export class Comebacks {
  readonly #init: ComebacksInit
  /** The latest session of each peer that was reached through a relay, by peer id. */
  readonly #relayed = new Map<string, Session>()

  constructor (init: ComebacksInit) {
    this.#init = init
  }

  /** The peers that may be asked now. */
  peers (): Session[] {
    const peers = this.#init.peers()

    for (const peer of peers) {
      if (peer.isRelayed) {
        this.#relayed.set(peer.id, peer)
      }
    }

    return peers
  }

  /** Waits until a peer that has gone is back. False where none has gone, or none is back within {@link COMEBACK_TIMEOUT_MS}. */
  async wait (signal?: AbortSignal): Promise<boolean> {
    const gone = new Set([...this.#relayed.values()].filter(({ state }) => state === 'closed').map(({ id }) => id))
    const deadline = this.#init.clock.now() + COMEBACK_TIMEOUT_MS

    while (gone.size > 0 && signal?.aborted !== true) {
      if (this.peers().some(({ id }) => gone.has(id))) {
        return true
      }

      if (this.#init.clock.now() >= deadline) {
        break
      }

      await this.#pause(signal)
    }

    return false
  }

  async #pause (signal: AbortSignal | undefined): Promise<void> {
    const { clock } = this.#init

    await new Promise<void>((resolve) => {
      const end = (): void => {
        clock.clearTimeout(timer)
        signal?.removeEventListener('abort', end)
        resolve()
      }
      const timer = clock.setTimeout(end, COMEBACK_CHECK_MS)
      signal?.addEventListener('abort', end)
    })
  }
}

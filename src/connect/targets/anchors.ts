import { HEALTHY_AFTER_MS } from '../dial/dialer.ts'
import type { Clock } from '../../util/clock.ts'
import type { Session } from '../../session/session.ts'

/**
 * How often the node notes who its anchors are. Only sessions that have lasted as long count then.
 *
 * A node that crashes has not said goodbye.
 */
export const ANCHORS_INTERVAL_MS: number = 10 * 60 * 1000

/** Options of {@link Anchors}. */
export interface AnchorsInit {
  clock: Clock
  /** Remembers the peer ids of the anchors, the best first. */
  save: (ids: string[]) => void
}

/** Notes the anchors of a node while it runs, and when it stops: the peers that it dials first at the next start. */
export class Anchors {
  readonly #init: AnchorsInit
  #timer: unknown

  constructor (init: AnchorsInit) {
    this.#init = init
  }

  start (sessions: () => Iterable<Session>): void {
    this.#timer = this.#init.clock.setTimeout(() => {
      this.#save(pickAnchors(sessions(), ANCHORS_INTERVAL_MS))
      this.start(sessions)
    }, ANCHORS_INTERVAL_MS)
  }

  /** Stops, and notes the best of the sessions that there still are. */
  stop (sessions: Iterable<Session>): void {
    this.#init.clock.clearTimeout(this.#timer)
    this.#save(pickAnchors(sessions))
  }

  /** A node without a good peer keeps the anchors that it had. */
  #save (ids: string[]): void {
    if (ids.length > 0) {
      this.#init.save(ids)
    }
  }
}

/**
 * The peer ids of the anchors, the best first: outbound sessions that have lasted. Where there are block-only ones, they are the anchors:
 * an observer of transactions cannot find them. Otherwise those with a useful block come first, then those that have lasted longest. An
 * inbound peer is no anchor: an attacker could become one by itself.
 */
export function pickAnchors (sessions: Iterable<Session>, lastedFor: number = HEALTHY_AFTER_MS): string[] {
  const good = [...sessions].filter(({ direction, isRelayed, readyFor }) => direction === 'outbound' && !isRelayed && readyFor >= lastedFor)
  const blockOnly = good.filter(({ asksBlockOnly }) => asksBlockOnly)

  return (blockOnly.length > 0 ? blockOnly : good)
    .sort((a, b) => Number(b.lastUsefulBlockAt != null) - Number(a.lastUsefulBlockAt != null) || b.readyFor - a.readyFor)
    .map(({ id }) => id)
}

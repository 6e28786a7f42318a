import { FOUND_PEER_MAX_AGE_MS } from '../connect/targets/candidates.ts'
import type { Target } from '../connect/targets/target.ts'
import type { Clock } from '../util/clock.ts'
import type { Session } from '../session/session.ts'

/** The peer that a seed led to. */
interface Found {
  session: Pick<Session, 'id' | 'state'>
  /** When that session ended, or when it was made, by the clock. */
  seenAt: number
}

/**
 * The peer ids that the node does not ban. It never bans configured ones. A seed without a peer id may lead to another peer tomorrow: the
 * last peer that it led to is exempt while that session lasts, and for {@link FOUND_PEER_MAX_AGE_MS} afterwards.
 */
export class Exemptions {
  readonly #clock: Clock
  readonly #configured: ReadonlySet<string>
  /** By the seed: at most one for each. */
  readonly #found = new Map<string, Found>()

  constructor (configured: Iterable<string>, clock: Clock) {
    this.#configured = new Set(configured)
    this.#clock = clock
  }

  /** Whether a peer id is exempt now. */
  has (id: string): boolean {
    if (this.#configured.has(id)) {
      return true
    }

    for (const found of this.#found.values()) {
      if (found.session.id === id && this.#isRecent(found)) {
        return true
      }
    }

    return false
  }

  /** Takes note of a session that the dialer has made with a target. */
  onReached (session: Found['session'], { key, source }: Pick<Target, 'key' | 'source'>): void {
    if (source === 'seed') {
      this.#found.set(key, { session, seenAt: this.#clock.now() })
    }
  }

  /** Takes note of a session that has ended. */
  onClosed (session: Found['session']): void {
    for (const found of this.#found.values()) {
      if (found.session === session) {
        found.seenAt = this.#clock.now()
      }
    }
  }

  #isRecent ({ session, seenAt }: Found): boolean {
    return session.state === 'ready' || this.#clock.now() - seenAt < FOUND_PEER_MAX_AGE_MS
  }
}

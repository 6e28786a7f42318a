import { hasRoomForHost, netgroupKeyOf } from '../address/host-limits.ts'
import type { Clock } from '../util/clock.ts'
import type { Location } from '../address/location.ts'

/**
 * Unfinished handshakes that one public host may have. Other addresses are not counted: there may be a proxy behind them.
 *
 * @remarks The node refuses further sessions of that host with `TOO_MANY_CONNECTIONS` until one of the handshakes is over.
 */
export const MAX_HANDSHAKES_PER_HOST = 4

/** How long an unfinished handshake is safe from a newcomer of an equally crowded netgroup. An honest one is done by then. */
export const MIN_HALF_OPEN_MS = 1000

/** Options of {@link HalfOpenHandshakes}. */
export interface HalfOpenHandshakesInit {
  clock: Clock
  maxPerHost?: number
}

/** A handshake under way. */
interface Entry<Session> {
  session: Session
  location: Location
  since: number
}

/**
 * Handshakes under way that peers have begun. It decides which of them makes room: an attacker that begins handshakes and leaves them
 * keeps out only its own netgroup. All of them have a slot, so `Slots` bounds how many there are.
 */
export class HalfOpenHandshakes<Session> {
  readonly #clock: Clock
  readonly #maxPerHost: number
  /** The oldest first. */
  readonly #entries = new Map<Session, Entry<Session>>()

  constructor ({ clock, maxPerHost = MAX_HANDSHAKES_PER_HOST }: HalfOpenHandshakesInit) {
    this.#clock = clock
    this.#maxPerHost = maxPerHost
  }

  /** Handshakes under way. */
  get size (): number {
    return this.#entries.size
  }

  /** Takes note of a handshake that has begun. */
  add (session: Session, location: Location): void {
    this.#entries.set(session, { session, location, since: this.#clock.now() })
  }

  /** Takes note that a handshake is done, or has failed. Does nothing for one that is not here. */
  delete (session: Session): void {
    this.#entries.delete(session)
  }

  /** Whether the host of a location may have one more. */
  hasRoomFor (location: Location): boolean {
    return hasRoomForHost(location, this.#locations(), this.#maxPerHost)
  }

  * #locations (): Generator<Location, void> {
    for (const { location } of this.#entries.values()) {
      yield location
    }
  }

  /**
   * The handshake that makes room for a newcomer where there is no slot: the oldest of the host with the most, in the netgroup with the
   * most. It has to be {@link MIN_HALF_OPEN_MS} old, unless the newcomer's netgroup has fewer, also with the newcomer. So an attacker that
   * opens handshakes again and again does not profit from being quick.
   */
  pick (newcomer: Location): Session | undefined {
    const entries = [...this.#entries.values()]
    const netgroup = mostCrowded(entries, newcomer, netgroupKeyOf)
    const [oldest] = mostCrowded(netgroup, newcomer, ({ host }) => host ?? '')

    if (oldest == null) {
      return undefined
    }

    const own = entries.filter(({ location }) => netgroupKeyOf(location) === netgroupKeyOf(newcomer)).length
    const isOver = this.#clock.now() - oldest.since >= MIN_HALF_OPEN_MS || own + 1 < netgroup.length

    return isOver ? oldest.session : undefined
  }
}

/**
 * The entries of the netgroup or host that has the most, the newcomer counted in. Of equals it is the newcomer's own, then that of the
 * oldest entry.
 */
function mostCrowded<Session> (
  entries: readonly Entry<Session>[], newcomer: Location, keyOf: (location: Location) => string
): Entry<Session>[] {
  let most: Entry<Session>[] = []
  let mostSize = 0

  for (const [key, members] of Map.groupBy(entries, ({ location }) => keyOf(location))) {
    // the newcomer's own has one more, and comes first among equals
    const size = members.length + (key === keyOf(newcomer) ? 1.5 : 0)

    if (size > mostSize) {
      most = members
      mostSize = size
    }
  }

  return most
}

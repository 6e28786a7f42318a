import { netgroupKeyOf } from '../address/host-room.ts'
import type { Clock } from '../util/clock.ts'
import type { Location } from '../address/location.ts'

/**
 * Unfinished handshakes that one host may have.
 *
 * @remarks The node refuses further sessions of that host with `TOO_MANY_CONNECTIONS` until one of the handshakes is over.
 */
export const MAX_PENDING_PER_HOST = 4

/** How long an unfinished handshake is safe from newcomers of no less crowded a netgroup: an honest one is done by then. */
export const MIN_PENDING_MS = 1000

/** What {@link HalfOpenHandshakes} is made with. */
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
 * Handshakes under way that peers have begun, and who makes room where there is none: whoever begins them and leaves them
 * there keeps only its own kind out. How many there may be in all is for `Slots` to say, as only those that have a slot are in here.
 */
export class HalfOpenHandshakes<Session> {
  readonly #clock: Clock
  readonly #maxPerHost: number
  /** The oldest first. */
  readonly #entries = new Map<Session, Entry<Session>>()

  constructor ({ clock, maxPerHost = MAX_PENDING_PER_HOST }: HalfOpenHandshakesInit) {
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

  /** To be called when a handshake has ended, in whatever way. Takes one that is not there. */
  delete (session: Session): void {
    this.#entries.delete(session)
  }

  /** Whether a host may have one more. Always for one that is not public: behind it there may be a proxy that brings everybody. */
  hasRoomFor ({ host, netgroup: group }: Location): boolean {
    if (host == null || group == null) {
      return true
    }

    let count = 0

    for (const { location } of this.#entries.values()) {
      count += location.host === host ? 1 : 0
    }

    return count < this.#maxPerHost
  }

  /**
   * The handshake to be given up for a newcomer where all places are taken: the oldest of the host that has the most, in the
   * network that has the most. Undefined where it is not {@link MIN_PENDING_MS} old, unless the newcomer's network has no more
   * even afterwards: so whoever fills the room again and again does not profit from being quick.
   */
  pick (newcomer: Location): Session | undefined {
    const crowd = mostCrowded([...this.#entries.values()], newcomer, netgroupKeyOf)
    const oldest = mostCrowded(crowd, newcomer, ({ host }) => host ?? '')[0]

    if (oldest == null) {
      return undefined
    }

    const own = [...this.#entries.values()].filter(({ location }) => netgroupKeyOf(location) === netgroupKeyOf(newcomer)).length
    const isOver = this.#clock.now() - oldest.since >= MIN_PENDING_MS || own + 1 < crowd.length

    return isOver ? oldest.session : undefined
  }
}

/** Those of the place that has the most, the newcomer counted in; among equals it is the newcomer's own, then that of the oldest. */
function mostCrowded<Session> (entries: readonly Entry<Session>[], newcomer: Location, keyOf: (location: Location) => string): Entry<Session>[] {
  const crowds = new Map<string, Entry<Session>[]>()

  for (const entry of entries) {
    const key = keyOf(entry.location)
    const crowd = crowds.get(key)

    if (crowd == null) {
      crowds.set(key, [entry])
    } else {
      crowd.push(entry)
    }
  }

  // the newcomer's own is one more, and first among equals
  const sizeOf = ([key, crowd]: [string, Entry<Session>[]]): number => crowd.length + (key === keyOf(newcomer) ? 1.5 : 0)
  let most: [string, Entry<Session>[]] = ['', []]

  for (const entry of crowds) {
    most = sizeOf(entry) > sizeOf(most) ? entry : most
  }

  return most[1]
}

import type { Clock } from '../util/clock.ts'

/**
 * Netgroups in which peers have to see this node at the same host before it takes that for its own.
 *
 * @remarks The node tells other peers that address in its handshake.
 */
export const MIN_OBSERVERS = 3

/** How long an observation of a peer counts after the node has last found its connection open. */
export const OBSERVATION_TTL_MS: number = 10 * 60 * 1000

/** Netgroups whose observations count at a time. The oldest that is not connected any more makes room. */
export const MAX_OBSERVATIONS = 64

/** At which host a peer sees this node. */
export interface Observation {
  /** The netgroup of the peer: all peers in one have one voice. */
  netgroup: string
  /** The IP address that it sees. */
  host: string
  /** Whether its connection is still open. */
  isOpen: () => boolean
}

type Family = 'ip4' | 'ip6'

/**
 * The IP addresses at which peers see this node, one for each family. The node believes no single peer: {@link MIN_OBSERVERS} netgroups
 * have to agree. Where two hosts have that many, it believes the one that more of them see.
 */
export class ExternalHosts {
  readonly #clock: Clock
  readonly #observations = new Map<string, Observation & { lastOpen: number }>()
  readonly #confirmed = new Map<Family, string>()

  constructor (clock: Clock) {
    this.#clock = clock
  }

  /** Netgroups whose observations count. */
  get size (): number {
    return this.#observations.size
  }

  /** The hosts that enough netgroups agree on, IPv4 first. */
  get confirmed (): string[] {
    this.#prune()

    return (['ip4', 'ip6'] as const).flatMap((family) => this.#confirm(family) ?? [])
  }

  /** Takes note of an observation, in place of the one from the same netgroup before. */
  note (observation: Observation): void {
    this.#observations.delete(observation.netgroup)

    if (this.#observations.size >= MAX_OBSERVATIONS) {
      const [oldest] = this.#observations.keys()
      const idle = [...this.#observations.values()].find(({ isOpen }) => !isOpen())
      this.#observations.delete(idle?.netgroup ?? oldest ?? '')
    }

    this.#observations.set(observation.netgroup, { ...observation, lastOpen: this.#clock.now() })
  }

  clear (): void {
    this.#observations.clear()
    this.#confirmed.clear()
  }

  #prune (): void {
    const now = this.#clock.now()

    for (const observation of this.#observations.values()) {
      if (observation.isOpen()) {
        observation.lastOpen = now
      } else if (now - observation.lastOpen >= OBSERVATION_TTL_MS) {
        this.#observations.delete(observation.netgroup)
      }
    }
  }

  #confirm (family: Family): string | undefined {
    const observers = new Map<string, number>()

    for (const { host } of this.#observations.values()) {
      if (familyOf(host) === family) {
        observers.set(host, (observers.get(host) ?? 0) + 1)
      }
    }

    // among equals, the current host stays
    const current = this.#confirmed.get(family)
    const [best] = [...observers]
      .filter(([, count]) => count >= MIN_OBSERVERS)
      .sort(([a, countOfA], [b, countOfB]) => countOfB - countOfA || Number(b === current) - Number(a === current))

    if (best == null) {
      this.#confirmed.delete(family)
    } else {
      this.#confirmed.set(family, best[0])
    }

    return best?.[0]
  }
}

/** The family of an IP address. */
export function familyOf (host: string): Family {
  return host.includes(':') ? 'ip6' : 'ip4'
}

import type { Clock } from '../util/clock.ts'

/**
 * Netgroups in which peers have to see this node at the same host before it takes that for its own.
 *
 * @remarks The node tells other peers that address in its handshake.
 */
export const MIN_OBSERVERS = 3

/** How long it counts where a peer has seen this node, from when its connection was last found open. */
export const OBSERVATION_TTL_MS: number = 10 * 60 * 1000

/** Netgroups whose observations count at a time. The one that was heard first and is not connected any more makes room. */
export const MAX_OBSERVATIONS = 64

/** Where somebody sees us. */
export interface Observation {
  /** The network of whoever sees us: all that are in one have one voice. */
  group: string
  /** The IP address that it sees. */
  host: string
  /** Whether it still does. */
  isOpen: () => boolean
}

type Family = 'ip4' | 'ip6'

/**
 * The IP addresses that others see us at, one for each family. None of them is believed alone: as many networks as
 * {@link MIN_OBSERVERS} have to agree, and where two hosts have that many it is the one that more of them see.
 */
export class ExternalHosts {
  readonly #clock: Clock
  readonly #observations = new Map<string, Observation & { lastOpen: number }>()
  readonly #confirmed = new Map<Family, string>()

  constructor (clock: Clock) {
    this.#clock = clock
  }

  /** Networks that are listened to. */
  get size (): number {
    return this.#observations.size
  }

  /** The hosts that enough networks agree on, IPv4 first. */
  get confirmed (): string[] {
    this.#prune()

    return (['ip4', 'ip6'] as const).flatMap((family) => this.#confirm(family) ?? [])
  }

  /** Takes note of where somebody sees us, in place of what was seen from its network before. */
  note (observation: Observation): void {
    this.#observations.delete(observation.group)

    if (this.#observations.size >= MAX_OBSERVATIONS) {
      const [oldest] = this.#observations.keys()
      const idle = [...this.#observations.values()].find(({ isOpen }) => !isOpen())
      this.#observations.delete(idle?.group ?? oldest ?? '')
    }

    this.#observations.set(observation.group, { ...observation, lastOpen: this.#clock.now() })
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
        this.#observations.delete(observation.group)
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

    // among equals the one that there is stays
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

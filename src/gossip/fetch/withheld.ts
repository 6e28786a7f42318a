import type { Clock } from '../../util/clock.ts'

/** How long the node remembers that a peer has not sent what it announced, from the last time. */
export const WITHHELD_TTL_MS: number = 10 * 60 * 1000

/** Peers and hosts of which the node remembers that they have withheld an item. The one that would be forgotten first makes room. */
export const MAX_WITHHELD = 1024

/** How often the node counts that for one peer or host. */
export const MAX_WITHHELD_COUNT = 255

/** A peer that may withhold items, and the host that it is at. */
export interface Withholder {
  /** The peer id. */
  readonly id: string
  /** The host that it counts for; the peer id where the host is not known. */
  readonly host: string
}

/**
 * How often peers have withheld an item: not sent what they had announced. It counts by peer id and by host, so neither a new session
 * nor a new peer id at the same host makes an attacker look honest.
 */
export class Withheld {
  readonly #clock: Clock
  /** The one that is forgotten first in front. */
  readonly #entries = new Map<string, { count: number, expires: number }>()

  constructor (clock: Clock) {
    this.#clock = clock
  }

  /** Peers and hosts that the node remembers. */
  get size (): number {
    return this.#entries.size
  }

  /** Takes note that a peer has withheld an item. */
  note ({ id, host }: Withholder): void {
    subjectsOf(id, host).forEach((subject) => { this.#note(subject) })
  }

  /** Takes one note back: the peer was only late, or has sent a good item since. */
  takeBack ({ id, host }: Withholder): void {
    for (const subject of subjectsOf(id, host)) {
      const entry = this.#entries.get(subject)

      if (entry != null && --entry.count <= 0) {
        this.#entries.delete(subject)
      }
    }
  }

  /** How often a peer or host has withheld something: from 0 to MAX_WITHHELD_COUNT. */
  of (subject: string): number {
    // called for every announcement of a flood, while there is hardly ever an entry
    const entry = this.#entries.size === 0 ? undefined : this.#entries.get(subject)

    return entry == null || entry.expires <= this.#clock.recent() ? 0 : entry.count
  }

  /** Whether the peer, or another one at its host, has withheld something. */
  isSuspect ({ id, host }: Withholder): boolean {
    return this.of(id) > 0 || this.of(host) > 0
  }

  #note (subject: string): void {
    const count = Math.min(MAX_WITHHELD_COUNT, this.of(subject) + 1)
    this.#entries.delete(subject)

    if (this.#entries.size >= MAX_WITHHELD) {
      const [first] = this.#entries.keys()
      this.#entries.delete(first!)
    }

    this.#entries.set(subject, { count, expires: this.#clock.now() + WITHHELD_TTL_MS })
  }
}

function subjectsOf (id: string, host: string): string[] {
  return id === host ? [id] : [id, host]
}

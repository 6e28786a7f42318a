import type { Clock } from '../../util/clock.ts'

/** How long the node remembers that a peer has not sent what it announced, from the last time. */
export const WITHHELD_TTL_MS: number = 10 * 60 * 1000

/** Peers and hosts of which the node remembers that they have withheld an item. The one that would be forgotten first makes room. */
export const MAX_WITHHELD = 1024

/** How often the node counts that for one peer or host. */
export const MAX_WITHHELD_COUNT = 255

/** Who has withheld something: a peer, and the host that it is at. */
export interface Withholder {
  /** The peer id. */
  readonly id: string
  /** What is counted as one host; the peer id where the host is not known. */
  readonly host: string
}

/**
 * How often peers have not sent what they announced, by peer id and by host: neither a new session nor a new peer id at the same
 * host makes an attacker look honest.
 */
export class Withheld {
  readonly #clock: Clock
  /** Those that are forgotten first in front. */
  readonly #entries = new Map<string, { count: number, expires: number }>()

  constructor (clock: Clock) {
    this.#clock = clock
  }

  /** Peers and hosts that are remembered. */
  get size (): number {
    return this.#entries.size
  }

  /** Takes note that a peer has not sent what it announced. */
  note ({ id, host }: Withholder): void {
    subjectsOf(id, host).forEach((subject) => { this.#note(subject) })
  }

  /** Takes one such note back: the peer was only late, or has sent something good since. */
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
    // looked up for every announcement of a flood, and hardly ever is anything there
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

import type { Ban } from '../../types/ban.ts'

/** Bans on disk, with those that have ended and are remembered. Above that the node forgets the half that ends first. */
export const MAX_STORED_BANS = 100_000

/** Bans by their subjects, bounded. */
export class BanTable {
  readonly #bans = new Map<string, Ban>()
  readonly #max: number

  constructor (max: number = MAX_STORED_BANS) {
    this.#max = max
  }

  /** Adds or replaces a ban. Returns the subjects that were evicted for it: half of all, so that it happens rarely. */
  set (ban: Ban): string[] {
    this.#bans.set(ban.subject, ban)

    if (this.#bans.size <= this.#max) {
      return []
    }

    const evicted = this.list().sort((a, b) => a.until - b.until).slice(0, Math.ceil(this.#bans.size / 2))
    evicted.forEach(({ subject }) => this.#bans.delete(subject))

    return evicted.map(({ subject }) => subject)
  }

  /** The ban of that subject. */
  get (subject: string): Ban | undefined {
    return this.#bans.get(subject)
  }

  /** Forgets the ban, if it is there. */
  delete (subject: string): void {
    this.#bans.delete(subject)
  }

  /** All bans, in no order. */
  list (): Ban[] {
    return [...this.#bans.values()]
  }
}

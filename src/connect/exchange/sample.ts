import { shuffle } from '../../util/shuffle.ts'
import type { Chance } from '../../util/chance.ts'
import type { Clock } from '../../util/clock.ts'

/** The share of the reached peers that a node tells of in one day. */
export const SAMPLE_SHARE: number = 1 / 4

/** Peers that a node tells of in one day where it has reached few. */
export const MIN_SAMPLE = 8

/** How long a node tells of the same peers. Up to a quarter more is drawn. */
export const SAMPLE_MS: number = 24 * 60 * 60 * 1000

/** Options of {@link DailySample}. */
export interface DailySampleInit {
  clock: Clock
  chance: Chance
}

/**
 * Which peers a node tells of: a random share, the same for a day, to all who ask. So peers that ask again and again, or under many names,
 * do not find out all that the node knows. The sample grows with the number of peers, and replaces none that is gone.
 */
export class DailySample {
  readonly #init: DailySampleInit
  /** All that were drawn for this day, those that are gone included. */
  readonly #drawn = new Set<string>()
  #endsAt = -Infinity

  constructor (init: DailySampleInit) {
    this.#init = init
  }

  /** Those of the peers that may be told of now. */
  pick (ids: readonly string[]): string[] {
    const { clock, chance } = this.#init
    const now = clock.now()

    if (now >= this.#endsAt) {
      this.#drawn.clear()
      this.#endsAt = now + SAMPLE_MS * (1 + chance.random() / 4)
    }

    const missing = Math.max(MIN_SAMPLE, Math.floor(ids.length * SAMPLE_SHARE)) - this.#drawn.size

    if (missing > 0) {
      const fresh = ids.filter((id) => !this.#drawn.has(id))
      shuffle(fresh, chance.random).slice(0, missing).forEach((id) => this.#drawn.add(id))
    }

    return ids.filter((id) => this.#drawn.has(id))
  }
}

import { systemClock } from '../../util/clock.ts'
import { Deadline } from '../../util/deadline.ts'
import type { Clock } from '../../util/clock.ts'

/** How long a wait takes at most by default, in ms. */
export const WITHIN_MS = 8000

/** How long to wait. */
export interface Within {
  /** At most so long, in ms. Time in which this process is busy or asleep counts little. */
  within?: number
}

/** What to wait for, and what to say when it does not come. */
export interface Wait<T> {
  /** Looked at now and after each change, until it gives something other than `undefined`. What it throws ends the wait. */
  probe: () => T | undefined
  /** At most so long, in ms. */
  within: number
  /** What a wait in vain throws. */
  onLate: () => Error
}

/** What ends a wait that may be in vain. */
const LATE = new Error('late')

/** Something that changes, and those who wait until it has. Each wait has a deadline, and leaves no timer. */
export class Changes {
  readonly #clock: Clock
  readonly #looks = new Set<() => void>()

  constructor (clock: Clock = systemClock) {
    this.#clock = clock
  }

  /** Has everything that waits look again. */
  notify (): void {
    for (const look of [...this.#looks]) {
      look()
    }
  }

  /** Resolves with what `probe` gives. */
  async until<T> ({ probe, within, onLate }: Wait<T>): Promise<T> {
    const found = probe()

    if (found !== undefined) {
      return found
    }

    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const deadline = new Deadline({ clock: this.#clock, timeout: within, onExpired: () => {
      this.#looks.delete(look)
      reject(onLate())
    } })

    const look = (): void => {
      try {
        const found = probe()

        if (found !== undefined) {
          // at once: a probe that is asked again takes what belongs to the next wait
          this.#looks.delete(look)
          resolve(found)
        }
      } catch (err) {
        this.#looks.delete(look)
        reject(err)
      }
    }

    this.#looks.add(look)
    deadline.start()

    return promise.finally(() => {
      this.#looks.delete(look)
      deadline.stop()
    })
  }

  /** Resolves with what `probe` gives, and with what it gives last where that is nothing in `within` ms. */
  async tryUntil<T> (probe: () => T | undefined, within: number): Promise<T | undefined> {
    try {
      return await this.until({ probe, within, onLate: () => LATE })
    } catch (err) {
      if (err !== LATE) {
        throw err
      }

      return probe()
    }
  }

  /** Resolves after `ms`, or as soon as `probe` throws, which rejects. */
  async during (ms: number, probe: () => void): Promise<void> {
    const state = { isOver: false }
    const timer = this.#clock.setTimeout(() => {
      state.isOver = true
      this.notify()
    }, ms)

    try {
      await this.until({
        probe: () => {
          probe()

          return state.isOver || undefined
        },
        within: Infinity,
        onLate: () => new Error('never')
      })
    } finally {
      this.#clock.clearTimeout(timer)
    }
  }
}

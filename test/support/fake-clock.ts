import { setImmediate } from 'node:timers/promises'
import { systemClock } from '../../src/util/clock.ts'
import type { Clock } from '../../src/util/clock.ts'

interface Timer {
  at: number
  callback: () => void
}

/**
 * A clock that stands still until a test moves it, in whole milliseconds. It does not begin at 0, so that a time that was
 * never set is not taken for the present.
 */
export class FakeClock implements Clock {
  #now = 1000
  readonly #timers = new Set<Timer>()

  now (): number {
    return this.#now
  }

  recent (): number {
    return this.now()
  }

  date (): number {
    return 1_790_000_000_000 + this.#now
  }

  setTimeout (callback: () => void, delay: number): unknown {
    const timer = { at: this.#now + Math.max(0, Math.round(delay)), callback }
    this.#timers.add(timer)

    return timer
  }

  /** At the end of the turn, which no test moves. */
  afterTurn (callback: () => void): void {
    systemClock.afterTurn(callback)
  }

  clearTimeout (timer: unknown): void {
    this.#timers.delete(timer as Timer)
  }

  /** Timers that are set and have not fired. */
  get pending (): number {
    return this.#timers.size
  }

  /** How long until the next timer fires, in ms. */
  get next (): number | undefined {
    return this.#timers.size === 0 ? undefined : this.#earliest()!.at - this.#now
  }

  /**
   * Moves the time on by `ms` and fires what is due by then, the last moment included, in order and each at its own
   * time. One turn of the event loop passes before the first, after each and at the end, so that promises settle.
   */
  async advance (ms: number): Promise<void> {
    const end = this.#now + ms
    await setImmediate()

    for (let timer = this.#earliest(); timer != null && timer.at <= end; timer = this.#earliest()) {
      this.#timers.delete(timer)
      this.#now = Math.max(this.#now, timer.at)
      timer.callback()
      await setImmediate()
    }

    this.#now = end
    await setImmediate()
  }

  /** Moves the time on by `ms` in one go, as for a process that was busy or asleep, and only then fires what has become due. */
  stall (ms: number): void {
    this.#now += ms
    const due = [...this.#timers].filter(({ at }) => at <= this.#now).sort((a, b) => a.at - b.at)

    for (const timer of due) {
      if (this.#timers.delete(timer)) {
        timer.callback()
      }
    }
  }

  /** Of those that fire at the same time, the one that was set first. */
  #earliest (): Timer | undefined {
    let earliest: Timer | undefined

    for (const timer of this.#timers) {
      if (earliest == null || timer.at < earliest.at) {
        earliest = timer
      }
    }

    return earliest
  }
}

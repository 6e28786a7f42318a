import type { Event, Processor } from './event.ts'
import type { VirtualTime } from './virtual-time.ts'
import type { Clock } from '../../../util/clock.ts'

/** The time of day when a simulation begins. */
export const EPOCH_MS = 1_790_000_000_000

/** The longest delay of a timer of Node.js, in ms. It takes longer ones for the shortest. */
const MAX_DELAY_MS: number = 2 ** 31 - 1

/** Times of a node begin here, so that none of them is taken for one that was never set. */
const FIRST_MS = 1000

/**
 * One run of a node, from its start to its end or crash, on one processor. What is due while the processor is busy waits. A crash drops
 * all timers.
 */
export class Process implements Processor {
  readonly clock: Clock
  /** When the processor is free, in ms of virtual time. */
  busyUntil = 0
  /** What is due and waits for the processor, in order. */
  readonly waiting: Event[] = []
  readonly #time: VirtualTime
  #isAlive = true

  constructor (time: VirtualTime) {
    this.#time = time
    this.clock = {
      now: () => FIRST_MS + time.now,
      recent: () => FIRST_MS + time.now,
      date: () => EPOCH_MS + Math.floor(time.now),
      setTimeout: (callback, delay) => this.#isAlive ? time.at(time.now + wholeMs(delay), callback, this) : undefined,
      afterTurn: (callback) => { time.afterTurn(callback, this) },
      clearTimeout: (timer) => { time.cancel(timer as Event | undefined) }
    }
  }

  get isAlive (): boolean {
    return this.#isAlive
  }

  /** Ends it at once: nothing of it happens any more. */
  kill (): void {
    this.#isAlive = false
    this.waiting.length = 0
  }

  /** Keeps the processor busy for `ms` more. Returns when it is free again. */
  spend (ms: number): number {
    this.busyUntil = Math.max(this.busyUntil, this.#time.now) + ms

    return this.busyUntil
  }

  /** Works for `ms`, in which nothing else happens here. */
  async work (ms: number): Promise<void> {
    if (ms > 0) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#time.at(this.spend(ms), resolve, this)
      await promise
    }
  }
}

/** A delay as the timers of Node.js take it: whole milliseconds, and one of them at least. */
function wholeMs (delay: number): number {
  return delay >= 1 && delay <= MAX_DELAY_MS ? Math.trunc(delay) : 1
}

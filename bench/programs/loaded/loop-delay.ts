import { percentile } from '../../statistics.ts'

/** Between two looks, in ms. */
const INTERVAL_MS = 5

/** How late the event loop was, in ms: the 99th percentile, with and without the time in which the thread had no processor. */
export interface Delays { p99: number, ownP99: number }

/**
 * How late the event loop of this process is, by a timer. `own` is without the time in which the thread had no processor: it cannot be
 * longer than what the thread has worked, less the interval.
 */
export class LoopDelay {
  #all: number[] = []
  #own: number[] = []
  #lookedAt = performance.now()
  #worked = workedMs()
  readonly #timer: NodeJS.Timeout

  constructor () {
    this.#timer = setInterval(() => { this.#look() }, INTERVAL_MS)
  }

  /** Since it was asked last. */
  take (): Delays {
    const all = this.#all
    const own = this.#own
    this.#all = []
    this.#own = []

    return { p99: percentile(all, 0.99), ownP99: percentile(own, 0.99) }
  }

  stop (): void {
    clearInterval(this.#timer)
  }

  #look (): void {
    const now = performance.now()
    const worked = workedMs()
    const late = Math.max(0, now - this.#lookedAt - INTERVAL_MS)
    this.#all.push(late)
    this.#own.push(Math.min(late, Math.max(0, worked - this.#worked - INTERVAL_MS)))
    this.#lookedAt = now
    this.#worked = worked
  }
}

/** The processor time of this thread, in ms. */
function workedMs (): number {
  const { user, system } = process.threadCpuUsage()

  return (user + system) / 1000
}

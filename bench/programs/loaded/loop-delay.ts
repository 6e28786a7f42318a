/** Between two looks, in ms. */
const INTERVAL_MS = 5

/** How late the event loop was at each look, in ms. `own` is without the time in which the thread had no processor. */
export interface Delays { all: number[], own: number[] }

/** How late the event loop of this process is, by a timer. The processor time of the thread bounds how much of that is its own. */
export class LoopDelay {
  #delays: Delays = { all: [], own: [] }
  #lookedAt = performance.now()
  #worked = workedMs()
  readonly #timer: NodeJS.Timeout

  constructor () {
    this.#timer = setInterval(() => { this.#look() }, INTERVAL_MS)
  }

  /** Since it was asked last. */
  take (): Delays {
    const delays = this.#delays
    this.#delays = { all: [], own: [] }

    return delays
  }

  stop (): void {
    clearInterval(this.#timer)
  }

  #look (): void {
    const now = performance.now()
    const worked = workedMs()
    const late = Math.max(0, now - this.#lookedAt - INTERVAL_MS)
    this.#delays.all.push(late)
    this.#delays.own.push(Math.min(late, Math.max(0, worked - this.#worked - INTERVAL_MS)))
    this.#lookedAt = now
    this.#worked = worked
  }
}

/** The processor time of this thread, in ms. */
function workedMs (): number {
  const { user, system } = process.threadCpuUsage()

  return (user + system) / 1000
}

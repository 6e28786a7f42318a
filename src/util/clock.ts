/**
 * Time as the network sees it. Every deadline and backoff takes it from here, so that a test can move it by hand.
 */
export interface Clock {
  /** Milliseconds that only ever grow; no relation to the time of day. */
  now (): number
  /** What `now` was when this turn first asked. Quicker than `now`, for what happens with every message. */
  recent (): number
  /** Milliseconds since the Unix epoch. */
  date (): number
  /** Calls `callback` once after `delay` ms, and no earlier: at once where that is 0 or less. Returns what `clearTimeout` takes. */
  setTimeout (callback: () => void, delay: number): unknown
  /** Calls `callback` once at the end of this turn of the event loop, when all of its microtasks are done. */
  afterTurn (callback: () => void): void
  /** Stops a timer of this clock. Takes `undefined`, a stopped timer and a fired one. */
  clearTimeout (timer: unknown): void
}

/** Web pages have no end of a turn. Browsers refuse to queue a microtask where that is called as a method of another object. */
const afterTurn: Clock['afterTurn'] = typeof setImmediate === 'function'
  ? (callback) => { setImmediate(callback) }
  : (callback) => { queueMicrotask(callback) }

/** The time of this turn, until the microtasks that come next. */
let turn: number | undefined

function endTurn (): void {
  turn = undefined
}

/** The machine's clock: monotonic for durations, so that a change of the time of day moves no deadline. */
export const systemClock: Clock = {
  now: () => performance.now(),
  recent: () => {
    if (turn == null) {
      turn = performance.now()
      void Promise.resolve().then(endTurn)
    }

    return turn
  },
  date: () => Date.now(),
  // Node.js leaves out a fraction, and warns of what is below 0
  setTimeout: (callback, delay) => setTimeout(callback, Math.max(0, Math.ceil(delay))),
  afterTurn,
  clearTimeout: (timer) => { clearTimeout(timer as NodeJS.Timeout | undefined) }
}

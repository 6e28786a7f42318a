import type { Clock } from './clock.ts'

/**
 * A timer that fires later than this says that the node was busy or asleep, and nothing about a peer.
 *
 * What the peer has sent may still wait to be read.
 */
export const LATE_TIMER_MS = 500

/**
 * What is left at least of a deadline after the node was busy or asleep.
 *
 * In this time the node reads what has come meanwhile, and the peer answers what the node had not sent yet.
 */
export const STALL_GRACE_MS = 1000

/** Stalls that one run of a deadline forgives. Those after it count like any other time. */
export const MAX_FORGIVEN_STALLS = 4

/** The longest time between two looks for a stall. So much of each stall may count against the peer. */
export const STALL_CHECK_MS = 1000

/** Options of {@link Deadline}. */
export interface DeadlineInit {
  clock: Clock
  /** The time that it gives, in ms, unless `start` says otherwise. */
  timeout: number
  /** Called when the peer has not met it. It has stopped then, and may be started again. */
  onExpired: () => void
}

/**
 * A deadline for a peer, counted in the time for which the node was awake. Timers fire before the node reads from the network:
 * after a stall of the event loop, or a suspended process, the node would judge a peer before it reads its answer.
 *
 * It may be started and met many times a second: its timer is set anew only when it fires.
 */
export class Deadline {
  readonly #init: DeadlineInit
  #timeout: number
  #checkEvery = STALL_CHECK_MS
  #timer: unknown
  #dueAt = 0
  #isRunning = false
  /** Time counted so far, in ms, and until when. */
  #used = 0
  #countedAt = 0
  #stalls = 0
  #hadLastTurn = false

  constructor (init: DeadlineInit) {
    this.#init = init
    this.#timeout = init.timeout
  }

  /** Whether it runs. */
  get isRunning (): boolean {
    return this.#isRunning
  }

  /** Runs it from the beginning, for `timeout` ms. */
  start (timeout: number = this.#init.timeout): void {
    this.#isRunning = true
    this.#timeout = timeout
    // short enough to notice a stall that is as long as the deadline
    this.#checkEvery = Math.max(1, Math.min(STALL_CHECK_MS, timeout / 4))
    this.#used = 0
    this.#countedAt = this.#init.clock.now()
    this.#stalls = 0
    this.#hadLastTurn = false

    if (this.#timer == null || this.#dueAt > this.#countedAt + this.#checkEvery) {
      this.#init.clock.clearTimeout(this.#timer)
      this.#arm()
    }
  }

  /** Takes note that the peer has done what the deadline is for. The timer may go on for a second at most. */
  meet (): void {
    this.#isRunning = false
  }

  /** Gives back `ms` of the time that has passed, and no more than has. */
  forgive (ms: number): void {
    this.#used = Math.max(this.#used - ms, this.#countedAt - this.#init.clock.now())
  }

  /** Ends it, with its timer. */
  stop (): void {
    this.#isRunning = false
    this.#init.clock.clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #arm (): void {
    const { clock } = this.#init
    const delay = Math.max(0, Math.min(this.#checkEvery, this.#timeout - this.#used))
    this.#dueAt = clock.now() + delay

    this.#timer = clock.setTimeout(() => {
      this.#timer = undefined

      if (this.#isRunning) {
        this.#onTimer()
      }
    }, delay)
  }

  #onTimer (): void {
    const { clock, onExpired } = this.#init
    this.#count(clock.now())

    // timers are not exact to the millisecond
    if (this.#timeout - this.#used >= 1) {
      this.#hadLastTurn = false
    } else if (this.#hadLastTurn) {
      this.#isRunning = false
      onExpired()
      return
    } else {
      // one more turn, in which the node reads what is there already
      this.#hadLastTurn = true
    }

    this.#arm()
  }

  #count (now: number): void {
    const late = now - this.#dueAt
    const passed = now - this.#countedAt
    this.#countedAt = now

    if (late <= LATE_TIMER_MS || this.#stalls >= MAX_FORGIVEN_STALLS) {
      this.#used += passed
      return
    }

    this.#stalls++
    // the timer may be later than the time since the start: it may have been due before it
    const awake = Math.max(0, passed - late)
    this.#used = Math.min(this.#used + awake, this.#timeout - STALL_GRACE_MS)
  }
}

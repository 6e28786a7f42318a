import { LazyLane } from './lane.ts'
import { TrafficBalance } from './traffic-class.ts'
import { TokenBucket } from '../util/token-bucket.ts'
import type { Lane, LaneOwner, OnTurn } from './lane.ts'
import type { TrafficClass } from './traffic-class.ts'
import type { Clock } from '../util/clock.ts'

/** After a pause, what a cap lets through in this time passes at once, or one frame where that is more. */
export const BURST_MS = 250

/** In one turn of a session, what a cap lets through in this time passes, or one frame where that is more. */
export const TURN_MS = 100

/** The longest timer, in ms: one of more than 2^31 would fire at once. */
const MAX_WAIT_MS = 60_000

/** How many bytes may pass in a second: of all lanes together, and of each. `Infinity` for no cap. */
export interface ShareRates {
  total: number
  each: number
}

/** One cap. What passes over it is a debt: nothing else passes before it is paid off. */
class Cap {
  readonly #clock: Clock
  #perSecond: number
  #bucket: TokenBucket

  constructor (perSecond: number, clock: Clock) {
    this.#clock = clock
    this.#perSecond = perSecond
    this.#bucket = new TokenBucket({ perSecond, burst: depth(perSecond) }, clock)
  }

  /** Changes the cap. A debt stays. */
  set (perSecond: number): void {
    const { tokens } = this.#bucket
    const burst = depth(perSecond)
    this.#perSecond = perSecond
    this.#bucket = new TokenBucket({ perSecond, burst }, this.#clock)

    if (perSecond !== Infinity && tokens < burst) {
      this.#bucket.take(burst - tokens)
    }
  }

  /** How long nothing may pass, in ms; 0 where a message may pass now. */
  get wait (): number {
    const { tokens } = this.#bucket

    return tokens > 0 ? 0 : Math.floor(-tokens * 1000 / this.#perSecond) + 1
  }

  charge (bytes: number): void {
    this.#bucket.take(bytes)
  }
}

/** The last turn begins while some is left, and may be as large as TURN_MS: both together are the burst. */
function depth (perSecond: number): number {
  return perSecond * (BURST_MS - TURN_MS) / 1000
}

/** One lane under a cap. */
class Entry {
  readonly cap: Cap
  readonly balance = new TrafficBalance()
  /** The classes for which it waits. */
  readonly waits: Record<TrafficClass, boolean> = { live: false, bulk: false }
  /** The bytes that have passed of each class. Of the lanes that wait, the one with the fewest goes first. */
  readonly progress: Record<TrafficClass, number> = { live: 0, bulk: 0 }
  readonly onTurn: OnTurn

  constructor (onTurn: OnTurn, cap: Cap) {
    this.onTurn = onTurn
    this.cap = cap
  }

  get isWaiting (): boolean {
    return this.waits.live || this.waits.bulk
  }
}

interface Candidates {
  live?: Entry
  bulk?: Entry
  /** In how many ms the first of the others may be one, `Infinity` where there are none. */
  wait: number
}

/**
 * Shares the cap of one direction among sessions, by bytes. Of those that wait, the session that has had the least goes first. A new one
 * begins level with the others. So a session with much to pass delays one with little by no more than a turn.
 */
export class FairShare {
  readonly #clock: Clock
  readonly #cap: Cap
  readonly #balance = new TrafficBalance()
  readonly #lanes = new Set<Entry>()
  readonly #waiting = new Set<Entry>()
  /** Where a new lane begins. */
  readonly #progress: Record<TrafficClass, number> = { live: 0, bulk: 0 }
  #rates: ShareRates
  #timer: unknown
  #isPassing = false
  /** What the lanes have of it. */
  readonly #owner: LaneOwner<Entry> = {
    isLimited: () => this.isLimited,
    turnBytes: () => this.#turnBytes,
    enter: (onTurn) => this.#enter(onTurn),
    wait: (entry, kind) => { this.#wait(entry, kind) },
    charge: (entry, bytes) => { this.#charge(entry, 'live', bytes) },
    close: (entry) => { this.#close(entry) }
  }

  constructor (clock: Clock, rates: ShareRates) {
    this.#clock = clock
    this.#rates = rates
    this.#cap = new Cap(rates.total, clock)
  }

  get isLimited (): boolean {
    return this.#rates.total !== Infinity || this.#rates.each !== Infinity
  }

  /** Changes the caps, also for sessions that wait. */
  setRates (rates: ShareRates): void {
    this.#rates = rates
    this.#cap.set(rates.total)

    for (const { cap } of this.#lanes) {
      cap.set(rates.each)
    }

    this.#pass()
  }

  /**
   * A lane for one session. `onTurn` passes messages of a class, at most so many bytes or one frame, and returns how many bytes passed. It
   * must not throw, and may ask for the next turn.
   */
  open (onTurn: OnTurn): Lane {
    return new LazyLane(this.#owner, onTurn)
  }

  get #turnBytes (): number {
    return Math.max(1, Math.floor(Math.min(this.#rates.total, this.#rates.each) * TURN_MS / 1000))
  }

  #enter (onTurn: OnTurn): Entry {
    const entry = new Entry(onTurn, new Cap(this.#rates.each, this.#clock))
    this.#lanes.add(entry)

    return entry
  }

  #wait (entry: Entry, kind: TrafficClass): void {
    if (!entry.waits[kind]) {
      entry.waits[kind] = true
      entry.progress[kind] = Math.max(entry.progress[kind], this.#progress[kind])
      this.#waiting.add(entry)
      this.#pass()
    }
  }

  #close (entry: Entry): void {
    this.#lanes.delete(entry)
    entry.waits.live = false
    entry.waits.bulk = false

    // the timer may have been for this lane only
    if (this.#waiting.delete(entry)) {
      this.#pass()
    }
  }

  #charge (entry: Entry, kind: TrafficClass, bytes: number): void {
    this.#cap.charge(bytes)
    entry.cap.charge(bytes)
    entry.progress[kind] += bytes
  }

  /** Gives turns while something may pass, and sets the timer for the next. */
  #pass (): void {
    // a session in its turn may ask for the next one, or end itself and others
    if (this.#isPassing) {
      return
    }

    this.#isPassing = true
    this.#clock.clearTimeout(this.#timer)
    this.#timer = undefined
    let wait = this.#passNext()

    while (wait === 0) {
      wait = this.#passNext()
    }

    this.#isPassing = false

    if (wait !== Infinity) {
      this.#timer = this.#clock.setTimeout(() => { this.#pass() }, Math.min(wait, MAX_WAIT_MS))
    }
  }

  /** Gives one turn. Returns 0, or in how many ms there may be one, `Infinity` where no lane waits. */
  #passNext (): number {
    const wait = this.#waiting.size === 0 ? Infinity : this.#cap.wait

    if (wait > 0) {
      return wait
    }

    const { live, bulk, wait: laneWait } = this.#candidates()
    const kind = this.#balance.first(live != null, bulk != null)
    const chosen = kind === 'live' ? live : bulk

    if (chosen == null) {
      return laneWait
    }

    const bytes = this.#turn(chosen, kind)
    // without a cap of all sessions, none waits for others
    this.#balance.note(kind, bytes, live != null && bulk != null && this.#rates.total !== Infinity)

    return 0
  }

  #turn (entry: Entry, kind: TrafficClass): number {
    const { waits, balance: balance, progress } = entry
    const contested = waits.live && waits.bulk
    waits[kind] = false

    if (!entry.isWaiting) {
      this.#waiting.delete(entry)
    }

    this.#progress[kind] = Math.max(this.#progress[kind], progress[kind])
    const bytes = entry.onTurn(this.#turnBytes, kind)
    this.#charge(entry, kind, bytes)
    balance.note(kind, bytes, contested)

    return bytes
  }

  /** For each class, the lane that goes first of those whose own cap lets them. */
  #candidates (): Candidates {
    const first: Candidates = { wait: Infinity }

    for (const entry of this.#waiting) {
      const { cap: { wait }, waits, balance: balance } = entry

      if (wait > 0) {
        first.wait = Math.min(first.wait, wait)
        continue
      }

      if (waits.bulk) {
        first.bulk = behind(first.bulk, entry, 'bulk')
      }

      // its bulk has a share of its own cap too
      if (balance.first(waits.live, waits.bulk) === 'live') {
        first.live = behind(first.live, entry, 'live')
      }
    }

    return first
  }
}

function behind (first: Entry | undefined, next: Entry, kind: TrafficClass): Entry {
  return first == null || next.progress[kind] < first.progress[kind] ? next : first
}

import { TrafficClass } from './traffic-class.ts'
import { TokenBucket } from '../util/token-bucket.ts'
import type { Kind } from './traffic-class.ts'
import type { Clock } from '../util/clock.ts'

/** After a pause, what a cap lets through in this time passes at once, or one frame where that is more. */
export const BURST_MS = 250

/** In one turn of a session, what a cap lets through in this time passes, or one frame where that is more. */
export const TURN_MS = 100

/** A lane that waits is looked at again at least this often, in ms: a timer of more than 2^31 would fire at once. */
const MAX_WAIT_MS = 60_000

/** How many bytes may pass in a second: of all lanes together, and of each. `Infinity` for no cap. */
export interface ShareRates {
  total: number
  each: number
}

/** The place of one session among those that share a {@link FairShare}. */
export interface Lane {
  /** Whether there is a cap at all. Where there is none, nobody needs to ask. */
  readonly isLimited: boolean
  /** Whether it has asked for a turn that has not come. */
  readonly isWaiting: boolean
  /** What may pass in one turn, in bytes, at least 1. */
  readonly turnBytes: number
  /** Asks for a turn for what is of this kind, which may come before this returns. */
  wait (kind: Kind): void
  /** Takes note of bytes that passed without a turn. */
  charge (bytes: number): void
  /** Gives everything back. No turn comes any more. */
  close (): void
}

/** What may pass by one cap. What is over it is a debt, paid off before anything else passes. */
class Cap {
  readonly #clock: Clock
  #perSecond: number
  #bucket: TokenBucket

  constructor (perSecond: number, clock: Clock) {
    this.#clock = clock
    this.#perSecond = perSecond
    this.#bucket = new TokenBucket({ perSecond, burst: depth(perSecond) }, clock)
  }

  /** Changes it; a debt stays. */
  set (perSecond: number): void {
    const { tokens } = this.#bucket
    const burst = depth(perSecond)
    this.#perSecond = perSecond
    this.#bucket = new TokenBucket({ perSecond, burst }, this.#clock)

    if (perSecond !== Infinity && tokens < burst) {
      this.#bucket.take(burst - tokens)
    }
  }

  /** How long nothing may pass, in ms; 0 where something may now. */
  get wait (): number {
    const { tokens } = this.#bucket

    return tokens > 0 ? 0 : Math.floor(-tokens * 1000 / this.#perSecond) + 1
  }

  charge (bytes: number): void {
    this.#bucket.take(bytes)
  }
}

/** The last turn begins while something is left, and may come to TURN_MS: both together are the burst. */
function depth (perSecond: number): number {
  return perSecond * (BURST_MS - TURN_MS) / 1000
}

/** What is called when the turn of a lane has come; see {@link FairShare.open}. */
export type OnTurn = (maxBytes: number, kind: Kind) => number

/** One lane. */
class Entry {
  readonly cap: Cap
  readonly precedence = new TrafficClass()
  /** For what kinds it waits. */
  readonly waits: Record<Kind, boolean> = { live: false, bulk: false }
  /** How far it is, in bytes that passed, of each kind. Of those that wait, the one that is behind goes first. */
  readonly progress: Record<Kind, number> = { live: 0, bulk: 0 }
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
 * Shares what may pass in one direction among sessions, by bytes: of those that wait, whoever has had the least goes first, and
 * one that comes begins level with the others. So one with much to pass does not delay one with little by more than a turn.
 */
export class FairShare {
  readonly #clock: Clock
  readonly #cap: Cap
  readonly #precedence = new TrafficClass()
  readonly #lanes = new Set<Entry>()
  readonly #waiting = new Set<Entry>()
  /** Where one that comes begins. */
  readonly #progress: Record<Kind, number> = { live: 0, bulk: 0 }
  #rates: ShareRates
  #timer: unknown
  #isPassing = false

  constructor (clock: Clock, rates: ShareRates) {
    this.#clock = clock
    this.#rates = rates
    this.#cap = new Cap(rates.total, clock)
  }

  get isLimited (): boolean {
    return this.#rates.total !== Infinity || this.#rates.each !== Infinity
  }

  /** Changes the caps, for those that wait too. */
  setRates (rates: ShareRates): void {
    this.#rates = rates
    this.#cap.set(rates.total)

    for (const { cap } of this.#lanes) {
      cap.set(rates.each)
    }

    this.#pass()
  }

  /**
   * A lane for one session. `onTurn` passes what is of this kind, at most so many bytes or one frame, and says how many bytes it
   * were. It must not throw, and may ask for the next turn.
   */
  open (onTurn: OnTurn): Lane {
    const entry = new Entry(onTurn, new Cap(this.#rates.each, this.#clock))
    this.#lanes.add(entry)
    const isLimited = (): boolean => this.isLimited
    const turnBytes = (): number => this.#turnBytes

    return {
      get isLimited () { return isLimited() },
      get isWaiting () { return entry.isWaiting },
      get turnBytes () { return turnBytes() },
      wait: (kind) => { this.#wait(entry, kind) },
      charge: (bytes) => { this.#charge(entry, 'live', bytes) },
      close: () => { this.#close(entry) }
    }
  }

  get #turnBytes (): number {
    return Math.max(1, Math.floor(Math.min(this.#rates.total, this.#rates.each) * TURN_MS / 1000))
  }

  #wait (entry: Entry, kind: Kind): void {
    if (this.#lanes.has(entry) && !entry.waits[kind]) {
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

    // the timer may have been for this one only
    if (this.#waiting.delete(entry)) {
      this.#pass()
    }
  }

  #charge (entry: Entry, kind: Kind, bytes: number): void {
    this.#cap.charge(bytes)
    entry.cap.charge(bytes)
    entry.progress[kind] += bytes
  }

  /** Gives turns while something may pass, and sets the timer for the next. */
  #pass (): void {
    // whoever has its turn may ask for the next one, or end its session and others
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

  /** Gives one turn. Returns 0, or in how many ms there may be one, `Infinity` where nobody waits. */
  #passNext (): number {
    const wait = this.#waiting.size === 0 ? Infinity : this.#cap.wait

    if (wait > 0) {
      return wait
    }

    const { live, bulk, wait: laneWait } = this.#candidates()
    const kind = this.#precedence.first(live != null, bulk != null)
    const chosen = kind === 'live' ? live : bulk

    if (chosen == null) {
      return laneWait
    }

    const bytes = this.#turn(chosen, kind)
    // without a cap of all nobody waits for others
    this.#precedence.note(kind, bytes, live != null && bulk != null && this.#rates.total !== Infinity)

    return 0
  }

  #turn (entry: Entry, kind: Kind): number {
    const { waits, precedence, progress } = entry
    const contested = waits.live && waits.bulk
    waits[kind] = false

    if (!entry.isWaiting) {
      this.#waiting.delete(entry)
    }

    this.#progress[kind] = Math.max(this.#progress[kind], progress[kind])
    const bytes = entry.onTurn(this.#turnBytes, kind)
    this.#charge(entry, kind, bytes)
    precedence.note(kind, bytes, contested)

    return bytes
  }

  /** Of each kind, who goes first among those whose own cap lets them. */
  #candidates (): Candidates {
    const first: Candidates = { wait: Infinity }

    for (const entry of this.#waiting) {
      const { cap: { wait }, waits, precedence } = entry

      if (wait > 0) {
        first.wait = Math.min(first.wait, wait)
        continue
      }

      if (waits.bulk) {
        first.bulk = behind(first.bulk, entry, 'bulk')
      }

      // its own bulk is to have its share of its own cap too
      if (precedence.first(waits.live, waits.bulk) === 'live') {
        first.live = behind(first.live, entry, 'live')
      }
    }

    return first
  }
}

function behind (first: Entry | undefined, next: Entry, kind: Kind): Entry {
  return first == null || next.progress[kind] < first.progress[kind] ? next : first
}

import { addAnnouncer, Announcer, bestOf } from './announcer.ts'
import type { Want } from './announcer.ts'
import type { Clock } from '../clock.ts'
import type { Direction } from '../types/peer.ts'

/**
 * How long an announced item may take to come without being asked for, in ms. Who announces it has just sent it to a few others,
 * one of which may send it on; but each hop at which it has to be asked for is held up by this. Also how long it is waited where
 * nobody who has it may be asked for more.
 */
export const WANT_DELAY_MS = 30

/** How long the one that was asked has, in ms. Then the next is asked. */
export const WANT_TIMEOUT_MS = 2000

/** What is due within so many ms goes along with what is due now. */
export const WANT_SLACK_MS = 5

/** Items that are waited for. */
export const MAX_WANTED = 1024

/** Items that are waited for of one announcer. */
export const MAX_WANTED_PER_PEER = 256

/** What {@link Wants} is made with. */
export interface WantsInit {
  clock: Clock
  /** Asks a peer for the items with these keys, at most MAX_WANTED_PER_PEER. */
  ask: (id: string, keys: string[]) => void
  /** Whether a peer may be asked for one more item now, which is counted where it may. Everybody may where it is left out. */
  mayAsk?: (id: string) => boolean
}

/** Who announces an item. */
export interface AnnouncerKey {
  /** The peer id. */
  id: string
  direction: Direction
}

/**
 * The items that were announced and have not come, and who is asked for them when: first nobody, since most of them come
 * anyway, then one announcer after the other. Who leaves a question unanswered is asked last from then on.
 */
export class Wants {
  readonly #init: WantsInit
  /** Each with those that are due first in front. */
  readonly #waiting = new Map<string, Want>()
  readonly #asked = new Map<string, Want>()
  readonly #announcers = new Map<string, Announcer>()
  #timer: unknown
  #timerAt = Infinity

  constructor (init: WantsInit) {
    this.#init = init
  }

  /** Items that are waited for. */
  get size (): number {
    return this.#waiting.size + this.#asked.size
  }

  /** Takes note that a peer has an item that was not met. */
  announced (key: string, by: AnnouncerKey): void {
    const announcer = this.#announcerOf(by)
    const want = this.#waiting.get(key) ?? this.#asked.get(key)

    if (announcer.wants.size >= MAX_WANTED_PER_PEER) {
      return
    }

    if (want != null) {
      addAnnouncer(want, announcer)
    } else if (this.size < MAX_WANTED || this.#makeRoomFor(announcer)) {
      const added = { key, announcers: [announcer], asked: undefined, due: this.#init.clock.now() + WANT_DELAY_MS }
      announcer.wants.add(added)
      this.#waiting.set(key, added)
      this.#schedule()
    }
  }

  /** Ends the wait for an item: it has come, from the peer of this id. Returns what is known of it where it was waited for. */
  arrived (key: string, id?: string): Want | undefined {
    const want = this.#waiting.get(key) ?? this.#asked.get(key)
    const sender = want == null || id == null ? undefined : this.#announcers.get(id)

    if (want != null) {
      this.#end(want)
    }

    if (sender != null) {
      sender.isLate = false
    }

    return want
  }

  /** Asks somebody else for what a peer was to send that has gone. */
  forgetPeer (id: string): void {
    const announcer = this.#announcers.get(id)

    if (announcer != null) {
      this.#announcers.delete(id)
      this.#withdraw(announcer)
    }
  }

  /** Waits for nothing any more. */
  stop (): void {
    this.#waiting.clear()
    this.#asked.clear()
    this.#announcers.clear()
    this.#setTimer(Infinity)
  }

  #announcerOf ({ id, direction }: AnnouncerKey): Announcer {
    const known = this.#announcers.get(id)

    if (known != null) {
      return known
    }

    const announcer = new Announcer(id, direction)
    this.#announcers.set(id, announcer)

    return announcer
  }

  /**
   * Makes room for what one more announces: those who announce the most lose all of it. So nobody who floods keeps out those
   * who announce less.
   */
  #makeRoomFor (announcer: Announcer): boolean {
    while (this.size >= MAX_WANTED) {
      let most = announcer

      for (const other of this.#announcers.values()) {
        most = other.wants.size > most.wants.size ? other : most
      }

      if (most === announcer) {
        return false
      }

      this.#withdraw(most)
    }

    return true
  }

  /** Takes back what a peer has announced. */
  #withdraw (announcer: Announcer): void {
    const asks: Asks = new Map()

    for (const want of announcer.wants) {
      if (want.asked === announcer) {
        this.#askNext(want, asks)
        continue
      }

      want.announcers.splice(want.announcers.indexOf(announcer), 1)

      if (want.asked == null && want.announcers.length === 0) {
        this.#end(want)
      }
    }

    announcer.wants.clear()
    this.#send(asks)
  }

  #askNext (want: Want, asks: Asks): void {
    want.asked?.wants.delete(want)
    want.asked = undefined

    if (want.announcers.length === 0) {
      this.#end(want)
      return
    }

    const next = this.#nextOf(want)

    if (next == null) {
      this.#putOff(want)
      return
    }

    want.announcers.splice(want.announcers.indexOf(next), 1)
    want.asked = next
    want.due = this.#init.clock.now() + WANT_TIMEOUT_MS
    this.#waiting.delete(want.key)
    this.#asked.delete(want.key)
    this.#asked.set(want.key, want)
    const keys = asks.get(next.id)

    if (keys == null) {
      asks.set(next.id, [want.key])
    } else {
      keys.push(want.key)
    }
  }

  /** Who is asked next: the best of those who may be asked now. */
  #nextOf ({ announcers }: Want): Announcer | undefined {
    const { mayAsk = () => true } = this.#init
    const left = [...announcers]

    for (let best = bestOf(left); best != null; best = bestOf(left)) {
      if (mayAsk(best.id)) {
        return best
      }

      left.splice(left.indexOf(best), 1)
    }

    return undefined
  }

  /** Asks for an item a little later, since all who have it were asked for a lot. */
  #putOff (want: Want): void {
    want.due = this.#init.clock.now() + WANT_DELAY_MS
    this.#asked.delete(want.key)
    this.#waiting.delete(want.key)
    this.#waiting.set(want.key, want)
  }

  #end (want: Want): void {
    this.#waiting.delete(want.key)
    this.#asked.delete(want.key)
    want.asked?.wants.delete(want)
    want.announcers.forEach(({ wants }) => wants.delete(want))

    if (this.size === 0) {
      this.#setTimer(Infinity)
    }
  }

  readonly #onTimer = (): void => {
    const due = this.#init.clock.now() + WANT_SLACK_MS
    const asks: Asks = new Map()
    this.#timerAt = Infinity

    for (const wants of [this.#waiting, this.#asked]) {
      for (const want of wants.values()) {
        if (want.due > due) {
          break
        }

        if (want.asked != null) {
          want.asked.isLate = true
        }

        this.#askNext(want, asks)
      }
    }

    this.#send(asks)
  }

  #send (asks: Asks): void {
    this.#schedule()
    asks.forEach((keys, id) => { this.#init.ask(id, keys) })
  }

  #schedule (): void {
    const [waiting] = this.#waiting.values()
    const [asked] = this.#asked.values()
    const due = Math.min(waiting?.due ?? Infinity, asked?.due ?? Infinity)

    // a timer that fires too soon finds nothing to do and is set anew: cheaper than one that is set with every item
    if (due < this.#timerAt) {
      this.#setTimer(due)
    }
  }

  #setTimer (at: number): void {
    const { clock } = this.#init
    clock.clearTimeout(this.#timer)
    this.#timerAt = at
    this.#timer = at === Infinity ? undefined : clock.setTimeout(this.#onTimer, at - clock.now())
  }
}

/** Keys by the id of who is asked for them. */
type Asks = Map<string, string[]>

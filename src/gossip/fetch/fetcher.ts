import { bestOf, askableOf } from './announcer.ts'
import { addTo } from './batches.ts'
import { AWAY_MS } from './away.ts'
import { WantRequests, WANT_ASKED_AT_ONCE, WANT_ROUNDS_MS, WANT_TIMEOUT_MS } from './want-requests.ts'
import { MAX_WANTED, MAX_WANTED_PER_PEER, WantedItems } from './wanted-items.ts'
import { Withheld } from './withheld.ts'
import type { AnnouncerKey, WantedItem } from './announcer.ts'
import type { Batches } from './batches.ts'
import type { WantedBounds } from './wanted-items.ts'
import type { Clock } from '../../util/clock.ts'
import type { Usage } from '../../types/status.ts'

/**
 * How long an announced item may take to come unasked, before the node asks for it.
 *
 * The announcer has just sent it to a few others, one of which may send it on. But each hop at which a node has to ask takes this long.
 * The node also waits this long where no peer that has the item may be asked for more.
 */
export const WANT_DELAY_MS = 30

/** Items that are due within this time are asked for along with those that are due now. */
export const WANT_SLACK_MS = 5

/** Options of {@link Fetcher}. */
export interface FetcherInit {
  clock: Clock
  /** Asks a peer for the items with these keys, at most as many as it may announce. */
  ask: (id: string, keys: string[]) => void
  /** Whether a peer may be asked for one more item now. A yes counts as asked. Left out, every peer may. */
  mayAsk?: (id: string) => boolean
  /** How many bytes a peer has sent in this session. Left out, the node does not wait for a peer that is sending. */
  receivedFrom?: (id: string) => number
  /** How many items it waits for. Left out, MAX_WANTED and MAX_WANTED_PER_PEER. */
  bounds?: WantedBounds
  /** How long an announced item may take to come unasked, in ms. Left out, WANT_DELAY_MS. */
  delay?: number
  /** Which peers have withheld items, where another fetcher notes that too. */
  withheld?: Withheld
}

/**
 * Fetches the items that were announced and have not come. It waits at first, since most of them come unasked, then asks one announcer,
 * then two at a time. A peer that leaves a request unanswered is asked last from then on.
 */
export class Fetcher {
  readonly #init: FetcherInit
  readonly #bounds: WantedBounds
  readonly #delay: number
  readonly #withheld: Withheld
  readonly #table: WantedItems
  readonly #requests: WantRequests
  #timer: unknown
  #timerAt = Infinity

  constructor (init: FetcherInit) {
    const { clock, receivedFrom = () => 0, bounds = { items: MAX_WANTED, itemsPerPeer: MAX_WANTED_PER_PEER } } = init
    this.#init = init
    this.#bounds = bounds
    this.#delay = init.delay ?? WANT_DELAY_MS
    this.#withheld = init.withheld ?? new Withheld(clock)
    this.#table = new WantedItems(this.#withheld, bounds)
    this.#requests = new WantRequests({ clock, withheld: this.#withheld, table: this.#table, receivedFrom })
  }

  /** Wanted items. */
  get size (): number {
    return this.#table.size
  }

  /** Wanted items, and how many there may be. */
  get usage (): Usage { return { items: this.size, maxItems: this.#bounds.items, bytes: null, maxBytes: null } }

  /** Takes note that a peer has an item that this node has not seen. */
  announced (key: string, by: AnnouncerKey): void {
    const announcer = this.#table.announcerOf(by)
    const wanted = this.#table.get(key)

    if (wanted == null) {
      const now = this.#now
      const added = this.#table.add(key, announcer, now + this.#delay)

      if (added != null) {
        added.announced = { at: now, peer: by.id }
        this.#wake(added.due)
      }
    } else if (this.#table.join(wanted, announcer)) {
      this.#resume(wanted, 0)

      // a peer that may well send it need not wait for those that probably do not
      if (!this.#withheld.isSuspect(announcer) && wanted.asked.length > 0 && wanted.asked.every((one) => this.#withheld.isSuspect(one))) {
        this.#hasten(wanted)
      }
    }
  }

  /** Takes note that an item has come, from the peer of this id. Returns the wanted item where it was one. */
  arrived (key: string, id?: string): WantedItem | undefined {
    const wanted = this.#table.get(key)

    if (id != null) {
      const at = wanted == null ? undefined : this.#table.announcer(id)?.requests.get(key)?.at
      this.answered(key, id)

      if (wanted != null && at != null) {
        wanted.answered = { at, peer: id }
      }
    }

    if (wanted != null) {
      this.#table.end(wanted)
      this.#sleepIfDone()
    }

    return wanted
  }

  /** Takes note that a peer has sent an item, whether others have sent it before or not. */
  answered (key: string, id: string): void {
    const announcer = this.#table.announcer(id)

    if (announcer != null) {
      this.#requests.answered(key, announcer)
    }
  }

  /** Takes note that a peer has sent a new and good item when it was asked. False where it has announced nothing here. */
  noteUseful (id: string): boolean {
    const announcer = this.#table.announcer(id)

    if (announcer != null) {
      this.#withheld.takeBack(announcer)
    }

    return announcer != null
  }

  /** Asks others for the items that a peer was asked for that has gone. What it has announced counts for a while: it may come back. */
  onGone (id: string): void {
    const announcer = this.#table.announcer(id)

    if (announcer == null) {
      return
    }

    const batches: Batches = new Map()
    const open = this.#requests.onSessionChanged(announcer)
    this.#table.keepAway(announcer, this.#now + AWAY_MS)

    for (const wanted of open) {
      if (!this.#requests.isPending(wanted) && this.#table.get(wanted.key) === wanted) {
        this.#advance(wanted, batches)
      }
    }

    this.#send(batches)
  }

  /** Takes note of another session with a peer. What it has announced before counts, and it may be asked again for what has not come. */
  onBack (session: AnnouncerKey): void {
    const announcer = this.#table.announcer(session.id)

    if (announcer != null) {
      const open = this.#requests.onSessionChanged(announcer)
      this.#table.onSession(announcer, session)
      announcer.wanted.forEach((wanted) => { this.#resume(wanted, WANT_DELAY_MS) })
      // the item may be on its way in the session before
      open.filter((wanted) => !this.#requests.isPending(wanted)).forEach((wanted) => { this.#hasten(wanted) })
    }
  }

  /** Forgets all wanted items. */
  stop (): void {
    this.#table.clear()
    this.#setTimer(Infinity)
  }

  get #now (): number {
    return this.#init.clock.now()
  }

  /** Asks for an idle item again in `delay` ms. */
  #resume (wanted: WantedItem, delay: number): void {
    if (wanted.isIdle && askableOf(wanted).length > 0) {
      wanted.isIdle = false
      wanted.due = this.#now + delay
      this.#wake(wanted.due)
    }
  }

  /** Asks for an item as soon as one that was just announced, or sooner. */
  #hasten (wanted: WantedItem): void {
    wanted.due = Math.min(wanted.due, this.#now + this.#delay)
    this.#wake(wanted.due)
  }

  /** Asks the next announcers for an item, or lets it idle where none is left. */
  #advance (wanted: WantedItem, batches: Batches): void {
    if (this.#requests.isArriving(wanted)) {
      wanted.deadline = this.#now + WANT_ROUNDS_MS
      wanted.due = this.#now + this.#requests.waitFor(wanted)
      return
    }

    this.#requests.noteLate(wanted)

    if (this.#askNext(wanted, batches)) {
      wanted.rounds++
      wanted.due = this.#now + this.#requests.waitFor(wanted)
    } else if (askableOf(wanted).length > 0) {
      wanted.due = this.#now + WANT_DELAY_MS
    } else {
      this.#idle(wanted)
    }
  }

  /** Asks the best announcers that may be asked now. False where there is none. */
  #askNext (wanted: WantedItem, batches: Batches): boolean {
    const { mayAsk = () => true } = this.#init
    const left = askableOf(wanted)
    const selection = { wanted, withheld: this.#withheld, now: this.#now }
    let count = wanted.rounds === 0 ? 1 : WANT_ASKED_AT_ONCE
    let isAsked = false
    left.forEach((announcer) => { this.#requests.expire(announcer) })

    for (let best = bestOf(left, selection); best != null && count > 0; best = bestOf(left, selection)) {
      left.splice(left.indexOf(best), 1)

      if (mayAsk(best.id)) {
        this.#requests.asked(wanted, best)
        addTo(batches, best.id, wanted.key)
        isAsked = true
        count--
      }
    }

    return isAsked
  }

  /** Lets an item idle: it may come late, and another peer may announce it, or come back. */
  #idle (wanted: WantedItem): void {
    const now = this.#now + WANT_SLACK_MS

    for (const announcer of wanted.announcers.filter(({ awayUntil = Infinity }) => awayUntil <= now)) {
      this.#table.leave(wanted, announcer)
    }

    wanted.due = Math.max(wanted.lastAskAt + WANT_TIMEOUT_MS, ...wanted.announcers.map(({ awayUntil = 0 }) => awayUntil))
    wanted.isIdle = true

    if (wanted.due <= now) {
      this.#table.end(wanted)
    }
  }

  readonly #onTimer = (): void => {
    const due = this.#now + WANT_SLACK_MS
    const batches: Batches = new Map()
    this.#timerAt = Infinity

    for (const wanted of this.#table.all) {
      if (wanted.due <= due) {
        this.#advance(wanted, batches)
      }
    }

    this.#send(batches)
  }

  #send (batches: Batches): void {
    let next = Infinity

    for (const { due } of this.#table.all) {
      next = Math.min(next, due)
    }

    this.#sleepIfDone()
    this.#wake(next)
    batches.forEach((keys, id) => { this.#init.ask(id, keys) })
  }

  #sleepIfDone (): void {
    if (this.size === 0) {
      this.#setTimer(Infinity)
    }
  }

  /** A timer that fires too soon finds nothing to do and is set anew: cheaper than one that is set with every item. */
  #wake (due: number): void {
    if (due < this.#timerAt) {
      this.#setTimer(due)
    }
  }

  #setTimer (at: number): void {
    const { clock } = this.#init
    clock.clearTimeout(this.#timer)
    this.#timerAt = at
    this.#timer = at === Infinity ? undefined : clock.setTimeout(this.#onTimer, Math.max(0, at - clock.now()))
  }
}

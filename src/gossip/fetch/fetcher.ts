import { bestOf, leftOf } from './announcer.ts'
import { AWAY_MS } from './away.ts'
import { Questions, WANT_ASKED_AT_ONCE, WANT_ROUNDS_MS, WANT_TIMEOUT_MS } from './questions.ts'
import { WantTable } from './want-table.ts'
import { Withheld } from './withheld.ts'
import type { AnnouncerKey, Want } from './announcer.ts'
import type { Clock } from '../../util/clock.ts'

/**
 * How long an announced item may take to come without being asked for.
 *
 * The announcer has just sent it to a few others, one of which may send it on. But each hop at which a node has to ask is held up by this.
 * It is also how long the node waits where no peer that has the item may be asked for more.
 */
export const WANT_DELAY_MS = 30

/** What is due within this time is asked for along with what is due now. */
export const WANT_SLACK_MS = 5

/** What {@link Fetcher} is made with. */
export interface FetcherInit {
  clock: Clock
  /** Asks a peer for the items with these keys, at most MAX_WANTED_PER_PEER. */
  ask: (id: string, keys: string[]) => void
  /** Whether a peer may be asked for one more item now, which is counted where it may. Everybody may where it is left out. */
  mayAsk?: (id: string) => boolean
  /** How many bytes a peer has sent in this session. Where it is left out, nobody waits for one who is sending. */
  receivedFrom?: (id: string) => number
}

/**
 * The items that were announced and have not come, and who is asked for them when: first nobody, since most of them come
 * anyway, then one announcer, then two at a time. Who leaves a question unanswered is asked last from then on.
 */
export class Fetcher {
  readonly #init: FetcherInit
  readonly #withheld: Withheld
  readonly #table: WantTable
  readonly #questions: Questions
  #timer: unknown
  #timerAt = Infinity

  constructor (init: FetcherInit) {
    const { clock, receivedFrom = () => 0 } = init
    this.#init = init
    this.#withheld = new Withheld(clock)
    this.#table = new WantTable(this.#withheld)
    this.#questions = new Questions({ clock, withheld: this.#withheld, table: this.#table, receivedFrom })
  }

  /** Items that are waited for. */
  get size (): number {
    return this.#table.size
  }

  /** Takes note that a peer has an item that was not met. */
  announced (key: string, by: AnnouncerKey): void {
    const announcer = this.#table.announcerOf(by)
    const want = this.#table.get(key)

    if (want == null) {
      const added = this.#table.add(key, announcer, this.#now + WANT_DELAY_MS)
      this.#wake(added?.due ?? Infinity)
    } else if (this.#table.join(want, announcer)) {
      this.#resume(want, 0)
    }
  }

  /** Ends the wait for an item: it has come, from the peer of this id. Returns what is known of it where it was waited for. */
  arrived (key: string, id?: string): Want | undefined {
    const want = this.#table.get(key)

    if (id != null) {
      this.answered(key, id)
    }

    if (want != null) {
      this.#table.end(want)
      this.#sleepIfDone()
    }

    return want
  }

  /** Takes note that a peer has sent an item, whether others have sent it before or not. */
  answered (key: string, id: string): void {
    const announcer = this.#table.announcer(id)

    if (announcer != null) {
      this.#questions.answered(key, announcer)
    }
  }

  /** Takes note that an item that a peer has sent when it was asked was new and good. */
  noteUseful (id: string): void {
    const announcer = this.#table.announcer(id)

    if (announcer != null) {
      this.#withheld.takeBack(announcer)
    }
  }

  /** Asks others for what a peer was to send that has gone. What it has announced counts for a while: it may come back. */
  onGone (id: string): void {
    const announcer = this.#table.announcer(id)

    if (announcer == null) {
      return
    }

    const asks: Asks = new Map()
    const open = this.#questions.withdraw(announcer)
    this.#table.keepAway(announcer, this.#now + AWAY_MS)

    for (const want of open) {
      if (!this.#questions.isPending(want) && this.#table.get(want.key) === want) {
        this.#advance(want, asks)
      }
    }

    this.#send(asks)
  }

  /** Takes note of another session with a peer: what it has announced before counts, and it may be asked again for what has not come. */
  onBack (session: AnnouncerKey): void {
    const announcer = this.#table.announcer(session.id)

    if (announcer != null) {
      const open = this.#questions.withdraw(announcer)
      this.#table.onSession(announcer, session)
      announcer.wants.forEach((want) => { this.#resume(want, WANT_DELAY_MS) })
      // it may be on its way in the session that was there before
      open.filter((want) => !this.#questions.isPending(want)).forEach((want) => { this.#hasten(want) })
    }
  }

  /** Waits for nothing any more. */
  stop (): void {
    this.#table.clear()
    this.#setTimer(Infinity)
  }

  get #now (): number {
    return this.#init.clock.now()
  }

  /** Asks for an item in so many ms where nobody was left that could be asked. */
  #resume (want: Want, delay: number): void {
    if (want.isIdle && leftOf(want).length > 0) {
      want.isIdle = false
      want.due = this.#now + delay
      this.#wake(want.due)
    }
  }

  /** Asks for an item in WANT_DELAY_MS, or sooner. */
  #hasten (want: Want): void {
    want.due = Math.min(want.due, this.#now + WANT_DELAY_MS)
    this.#wake(want.due)
  }

  /** Asks the next ones for an item, or ends the wait where nobody is left. */
  #advance (want: Want, asks: Asks): void {
    if (this.#questions.isComing(want)) {
      want.deadline = this.#now + WANT_ROUNDS_MS
      want.due = this.#now + this.#questions.waitFor(want)
      return
    }

    this.#questions.passOver(want)

    if (this.#askNext(want, asks)) {
      want.rounds++
      want.due = this.#now + this.#questions.waitFor(want)
    } else if (leftOf(want).length > 0) {
      want.due = this.#now + WANT_DELAY_MS
    } else {
      this.#rest(want)
    }
  }

  /** Asks the best of those who may be asked now. False where there is none. */
  #askNext (want: Want, asks: Asks): boolean {
    const { mayAsk = () => true } = this.#init
    const left = leftOf(want)
    const turn = { want, withheld: this.#withheld, now: this.#now }
    let count = want.rounds === 0 ? 1 : WANT_ASKED_AT_ONCE
    let isAsked = false
    left.forEach((announcer) => { this.#questions.settle(announcer) })

    for (let best = bestOf(left, turn); best != null && count > 0; best = bestOf(left, turn)) {
      left.splice(left.indexOf(best), 1)

      if (mayAsk(best.id)) {
        this.#questions.asked(want, best)
        addTo(asks, best.id, want.key)
        isAsked = true
        count--
      }
    }

    return isAsked
  }

  /** Nobody is left: what was asked for may come late, and somebody else may announce it, or come back. */
  #rest (want: Want): void {
    const now = this.#now + WANT_SLACK_MS

    for (const announcer of want.announcers.filter(({ awayUntil = Infinity }) => awayUntil <= now)) {
      this.#table.leave(want, announcer)
    }

    want.due = Math.max(want.lastAskAt + WANT_TIMEOUT_MS, ...want.announcers.map(({ awayUntil = 0 }) => awayUntil))
    want.isIdle = true

    if (want.due <= now) {
      this.#table.end(want)
    }
  }

  readonly #onTimer = (): void => {
    const due = this.#now + WANT_SLACK_MS
    const asks: Asks = new Map()
    this.#timerAt = Infinity

    for (const want of this.#table.wants) {
      if (want.due <= due) {
        this.#advance(want, asks)
      }
    }

    this.#send(asks)
  }

  #send (asks: Asks): void {
    let next = Infinity

    for (const { due } of this.#table.wants) {
      next = Math.min(next, due)
    }

    this.#sleepIfDone()
    this.#wake(next)
    asks.forEach((keys, id) => { this.#init.ask(id, keys) })
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

/** Keys by the id of who is asked for them. */
type Asks = Map<string, string[]>

function addTo (asks: Asks, id: string, key: string): void {
  const keys = asks.get(id)

  if (keys == null) {
    asks.set(id, [key])
  } else {
    keys.push(key)
  }
}

import { AnswerTime } from './answer-time.ts'
import { leftOf } from './announcer.ts'
import type { Announcer, Want } from './announcer.ts'
import type { WantTable } from './want-table.ts'
import type { Withheld } from './withheld.ts'
import type { Clock } from '../../util/clock.ts'

/**
 * How long a peer may take to send an item that it has announced and was asked for.
 *
 * @remarks The peer has withheld the item. The node asks it and its host last for ten minutes.
 */
export const WANT_TIMEOUT_MS = 2000

/** Announcers that are asked at a time for an item that the first one has not sent. */
export const WANT_ASKED_AT_ONCE = 2

/** The time in which all announcers of an item are asked for it, unless one of them is sending it. */
export const WANT_ROUNDS_MS = 2500

/** The least time from one round of questions for an item to the next, however many announcers there are. */
export const MIN_WANT_WAIT_MS = 60

/** A peer that has sent this much since the last look may be about to send the item: the node asks no other peer meanwhile. */
export const WANT_PROGRESS_BYTES: number = 16 * 1024

/** How long the node asks no other peer because one is sending the item, from the first question on. */
export const WANT_HOLD_MS = 3000

/** Questions to one peer that are remembered without an answer. */
export const MAX_OPEN_QUESTIONS = 1024

/** What {@link Questions} is made with. */
export interface QuestionsInit {
  clock: Clock
  withheld: Withheld
  table: WantTable
  /** How many bytes a peer has sent in this session. */
  receivedFrom: (id: string) => number
}

/** Who was asked for what, how long answers take, and who has not given any. */
export class Questions {
  readonly #init: QuestionsInit
  readonly #answerTime = new AnswerTime()

  constructor (init: QuestionsInit) {
    this.#init = init
  }

  /** Takes note that a peer is asked for an item. */
  asked (want: Want, announcer: Announcer): void {
    const now = this.#now
    const { asks } = announcer
    asks.delete(want.key)

    if (asks.size >= MAX_OPEN_QUESTIONS) {
      const [oldest] = asks.keys()
      asks.delete(oldest!)
    }

    asks.set(want.key, { at: now, bytes: this.#init.receivedFrom(announcer.id), isLate: false })
    want.asked.push(announcer)
    want.lastAskAt = now

    if (want.rounds === 0) {
      want.firstAskAt = now
      want.deadline = now + WANT_ROUNDS_MS
    }
  }

  /** Takes note that a peer has sent an item, whether it was asked or not. */
  answered (key: string, announcer: Announcer): void {
    const ask = announcer.asks.size === 0 ? undefined : announcer.asks.get(key)

    if (ask == null) {
      return
    }

    const ms = this.#now - ask.at
    announcer.asks.delete(key)
    this.#answerTime.note(ms)

    if (ask.isLate && ms <= WANT_TIMEOUT_MS) {
      this.#init.withheld.takeBack(announcer)
    }
  }

  /** Those who were asked for an item have withheld it, unless it comes soon. */
  passOver (want: Want): void {
    for (const announcer of want.asked) {
      const ask = announcer.asks.get(want.key)

      if (ask?.isLate === false) {
        ask.isLate = true
        this.#init.withheld.note(announcer)
      }
    }
  }

  /** What a peer has not sent in time of what others have sent meanwhile, it has withheld. */
  settle (announcer: Announcer): void {
    const { table, withheld } = this.#init

    for (const [key, { at, isLate }] of announcer.asks) {
      if (this.#now - at < WANT_TIMEOUT_MS) {
        break
      }

      if (table.get(key) == null) {
        announcer.asks.delete(key)

        if (!isLate) {
          withheld.note(announcer)
        }
      }
    }
  }

  /**
   * Of a session that has ended: what was asked in it and does not come soon was withheld, for a peer could end its sessions to hide
   * that. It may be asked once more, after all others. Returns what that is.
   */
  withdraw (announcer: Announcer): Want[] {
    const { table, withheld } = this.#init
    const open: Want[] = []

    for (const [key, ask] of announcer.asks) {
      const want = table.get(key)

      if (!ask.isLate) {
        ask.isLate = true
        withheld.note(announcer)
      }

      if (want?.asked.includes(announcer) === true && !want.again.has(announcer)) {
        want.asked.splice(want.asked.indexOf(announcer), 1)
        want.again.add(announcer)
        open.push(want)
      }
    }

    return open
  }

  /** Whether somebody who was asked for an item may still send it in time. */
  isPending ({ key, asked }: Want): boolean {
    return asked.some(({ asks }) => asks.get(key)?.isLate === false)
  }

  /** Whether one of those who were asked for an item is sending something that may be it. */
  isComing ({ key, asked, firstAskAt }: Want): boolean {
    let isComing = false

    for (const { id, asks } of asked) {
      const ask = asks.get(key)
      const bytes = ask == null ? 0 : this.#init.receivedFrom(id)

      if (ask != null && bytes - ask.bytes >= WANT_PROGRESS_BYTES) {
        ask.bytes = bytes
        isComing = true
      }
    }

    return isComing && this.#now - firstAskAt < WANT_HOLD_MS
  }

  /** How long those who were just asked for an item have: as long as answers take, and shorter where many others are left. */
  waitFor (want: Want): number {
    const { wait } = this.#answerTime
    const rounds = Math.ceil(leftOf(want).length / WANT_ASKED_AT_ONCE)

    if (want.rounds <= 1 || rounds === 0) {
      return wait
    }

    return Math.max(MIN_WANT_WAIT_MS, Math.min(wait, (want.deadline - this.#now) / rounds))
  }

  get #now (): number {
    return this.#init.clock.now()
  }
}

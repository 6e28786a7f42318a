import { AnswerTime } from './answer-time.ts'
import { askableOf } from './announcer.ts'
import type { Announcer, WantedItem } from './announcer.ts'
import type { WantedItems } from './wanted-items.ts'
import type { Withheld } from './withheld.ts'
import type { Clock } from '../../util/clock.ts'

/**
 * How long a peer may take to send an item that it has announced and was asked for.
 *
 * @remarks The peer has withheld the item. The node asks it and its host last for ten minutes.
 */
export const WANT_TIMEOUT_MS = 2000

/** Announcers that are asked at a time for an item that the first has not sent. */
export const WANT_ASKED_AT_ONCE = 2

/** The time in which all announcers of an item are asked for it, unless one of them is sending it. */
export const WANT_ROUNDS_MS = 2500

/** The least time from one round of requests for an item to the next, however many announcers there are. */
export const MIN_WANT_WAIT_MS = 60

/** A peer that has sent this much since the last check may be sending the item: the node asks no other peer meanwhile. */
export const WANT_PROGRESS_BYTES: number = 16 * 1024

/** How long the node asks no other peer because one is sending the item, from the first request on. */
export const WANT_HOLD_MS = 3000

/** Requests to one peer that the node remembers without an answer. */
export const MAX_OPEN_WANTS = 2048

/** Options of {@link WantRequests}. */
export interface WantRequestsInit {
  clock: Clock
  withheld: Withheld
  table: WantedItems
  /** How many bytes a peer has sent in this session. */
  receivedFrom: (id: string) => number
}

/** The requests for wanted items: which peer was asked for what, how long answers take, and which peers have withheld them. */
export class WantRequests {
  readonly #init: WantRequestsInit
  readonly #answerTime = new AnswerTime()

  constructor (init: WantRequestsInit) {
    this.#init = init
  }

  /** Takes note that a peer is asked for an item. */
  asked (wanted: WantedItem, announcer: Announcer): void {
    const now = this.#now
    const { requests: asks } = announcer
    asks.delete(wanted.key)

    if (asks.size >= MAX_OPEN_WANTS) {
      const [oldest] = asks.keys()
      asks.delete(oldest!)
    }

    asks.set(wanted.key, { at: now, bytes: this.#init.receivedFrom(announcer.id), isLate: false })
    wanted.asked.push(announcer)
    wanted.lastAskAt = now

    if (wanted.rounds === 0) {
      wanted.firstAskAt = now
      wanted.deadline = now + WANT_ROUNDS_MS
    }
  }

  /** Takes note that a peer has sent an item, whether it was asked or not. */
  answered (key: string, announcer: Announcer): void {
    const request = announcer.requests.size === 0 ? undefined : announcer.requests.get(key)

    if (request == null) {
      return
    }

    const ms = this.#now - request.at
    announcer.requests.delete(key)
    this.#answerTime.note(ms)

    if (request.isLate && ms <= WANT_TIMEOUT_MS) {
      this.#init.withheld.takeBack(announcer)
    }
  }

  /** Counts an item as withheld by the peers that were asked for it. An answer that comes soon takes that back. */
  noteLate (wanted: WantedItem): void {
    for (const announcer of wanted.asked) {
      const request = announcer.requests.get(wanted.key)

      if (request?.isLate === false) {
        request.isLate = true
        this.#init.withheld.note(announcer)
      }
    }
  }

  /** Ends the requests that a peer has not answered in time, for items that others have sent: it has withheld these. */
  expire (announcer: Announcer): void {
    const { table, withheld } = this.#init

    for (const [key, { at, isLate }] of announcer.requests) {
      if (this.#now - at < WANT_TIMEOUT_MS) {
        break
      }

      if (table.get(key) == null) {
        announcer.requests.delete(key)

        if (!isLate) {
          withheld.note(announcer)
        }
      }
    }
  }

  /**
   * Takes note that a session has ended. Items that were asked for in it and do not come soon count as withheld: a peer could end
   * its sessions to hide that. It may be asked for them once more, after all others. Returns these items.
   */
  onSessionChanged (announcer: Announcer): WantedItem[] {
    const { table, withheld } = this.#init
    const open: WantedItem[] = []

    for (const [key, request] of announcer.requests) {
      const wanted = table.get(key)

      if (!request.isLate) {
        request.isLate = true
        withheld.note(announcer)
      }

      if (wanted?.asked.includes(announcer) === true && !wanted.askedBefore.has(announcer)) {
        wanted.asked.splice(wanted.asked.indexOf(announcer), 1)
        wanted.askedBefore.add(announcer)
        open.push(wanted)
      }
    }

    return open
  }

  /** Whether a peer that was asked for an item may still send it in time. */
  isPending ({ key, asked }: WantedItem): boolean {
    return asked.some(({ requests: asks }) => asks.get(key)?.isLate === false)
  }

  /** Whether a peer that was asked for an item is sending something that may be it. */
  isArriving ({ key, asked, firstAskAt }: WantedItem): boolean {
    let isArriving = false

    for (const { id, requests: asks } of asked) {
      const request = asks.get(key)
      const bytes = request == null ? 0 : this.#init.receivedFrom(id)

      if (request != null && bytes - request.bytes >= WANT_PROGRESS_BYTES) {
        request.bytes = bytes
        isArriving = true
      }
    }

    return isArriving && this.#now - firstAskAt < WANT_HOLD_MS
  }

  /** How long the peers that were just asked for an item have: as long as answers take, and less where many others are left. */
  waitFor (wanted: WantedItem): number {
    const { wait } = this.#answerTime
    const rounds = Math.ceil(askableOf(wanted).length / WANT_ASKED_AT_ONCE)

    if (wanted.rounds <= 1 || rounds === 0) {
      return wait
    }

    return Math.max(MIN_WANT_WAIT_MS, Math.min(wait, (wanted.deadline - this.#now) / rounds))
  }

  get #now (): number {
    return this.#init.clock.now()
  }
}

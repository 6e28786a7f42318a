import type { Withheld, Withholder } from './withheld.ts'
import type { Direction } from '../../types/peer.ts'
import type { TimelineStep } from '../../types/timeline.ts'
import type { Location } from '../../address/location.ts'

/** Announcers of one item that the node remembers. */
export const MAX_ANNOUNCERS = 64

/** What an {@link Announcer} is known by: a session. */
export interface AnnouncerKey {
  /** The peer id. */
  readonly id: string
  readonly direction: Direction
  readonly location: Location
}

/** A request for one item to one peer. */
export interface WantRequest {
  /** When it was sent, by the clock. */
  readonly at: number
  /** Bytes that the peer had sent in all at the last check. */
  bytes: number
  /** Whether others have been asked since, for want of an answer. */
  isLate: boolean
}

/** An item that was announced and has not come. */
export interface WantedItem {
  readonly key: string
  /** The first announcement. */
  announced: TimelineStep | undefined
  /** The request that it came in answer to; `undefined` before it has come, and where it came unasked. */
  answered: TimelineStep | undefined
  /** The peers that have announced it, in that order. */
  readonly announcers: Announcer[]
  /** Those of them that were asked for it, in that order. */
  readonly asked: Announcer[]
  /** Those of them that were asked in a session that has ended since. They may be asked once more. */
  readonly askedBefore: Set<Announcer>
  /** How many rounds of requests there were. */
  rounds: number
  /** When the first request was sent; 0 before. */
  firstAskAt: number
  /** When the last request was sent; 0 before. */
  lastAskAt: number
  /** By when all announcers are to be asked. */
  deadline: number
  /** Whether no announcer is left to be asked now. */
  isIdle: boolean
  /** When the next announcers are asked, by the clock. */
  due: number
}

/** What {@link bestOf} chooses by. */
export interface Selection {
  wanted: WantedItem
  withheld: Withheld
  /** By the clock. */
  now: number
}

/** The announcers of one netgroup, or of one host that is not public. */
export interface Netgroup {
  readonly name: string
  members: number
  /** Wanted items that they have announced, counted for each of them. */
  announcements: number
}

/** A peer that has announced something. */
export class Announcer implements Withholder {
  /** The peer id. */
  readonly id: string
  /** The wanted items that it has announced, the latest last. */
  readonly wanted: Set<WantedItem> = new Set<WantedItem>()
  /** The requests that it has not answered, by key, the oldest first. */
  readonly requests: Map<string, WantRequest> = new Map<string, WantRequest>()
  /** The same, and some that it waits for no more. */
  #order: WantedItem[] = []
  /** Until when its announcements count without a session; `undefined` while it has one. */
  awayUntil: number | undefined
  direction: Direction
  netgroup: Netgroup
  host: string

  constructor ({ id, direction, location }: AnnouncerKey, netgroup: Netgroup) {
    this.id = id
    this.direction = direction
    this.netgroup = netgroup
    this.host = location.host ?? id
  }

  /** The wanted item that it has announced last. A flood looks for it again and again, and a set has no quick way to its end. */
  get latest (): WantedItem | undefined {
    while (this.#order.length > 0 && !this.wanted.has(this.#order.at(-1)!)) {
      this.#order.pop()
    }

    return this.#order.at(-1)
  }

  /** Takes note of a wanted item that it has announced. */
  add (wanted: WantedItem): void {
    this.wanted.add(wanted)

    if (this.#order.length > 2 * this.wanted.size) {
      this.#order = [...this.wanted]
    } else {
      this.#order.push(wanted)
    }
  }

  /** Takes note of its new session. */
  onSession ({ direction, location }: AnnouncerKey, netgroup: Netgroup): void {
    this.direction = direction
    this.netgroup = netgroup
    this.host = location.host ?? this.id
    this.awayUntil = undefined
  }
}

/** Creates a wanted item that no peer was asked for yet. */
export function createWantedItem (key: string, due: number): WantedItem {
  return {
    ...{ key, announced: undefined, answered: undefined, announcers: [], asked: [], askedBefore: new Set() },
    ...{ rounds: 0, firstAskAt: 0, lastAskAt: 0, deadline: 0, isIdle: false, due }
  }
}

/** The announcers that can be asked for an item now, in the order in which they have announced it. */
export function askableOf ({ announcers, asked }: WantedItem): Announcer[] {
  return announcers.filter((announcer) => announcer.awayUntil == null && !asked.includes(announcer))
}

/**
 * The candidate to ask first. It compares, one after the other:
 *
 * - whether the peer was asked before, in another session
 * - how often its host has withheld items, and how often itself
 * - its direction: outbound first, since an attacker can hardly make this node dial it
 * - whether it has an open request
 * - how many of its netgroup were asked
 * - when it announced the item
 */
export function bestOf (candidates: readonly Announcer[], selection: Selection): Announcer | undefined {
  let best: Announcer | undefined
  let lowest = Infinity

  for (const announcer of candidates) {
    const rank = rankOf(announcer, selection)

    if (rank < lowest) {
      best = announcer
      lowest = rank
    }
  }

  return best
}

/** Below 2^26: a digit for each criterion of {@link bestOf}, the first in front. */
function rankOf (announcer: Announcer, { wanted: { askedBefore, asked }, withheld, now }: Selection): number {
  const { id, host, direction, netgroup } = announcer
  let rank = askedBefore.has(announcer) ? 1 : 0
  rank = 256 * rank + withheld.of(host)
  rank = 256 * rank + withheld.of(id)
  rank = 2 * rank + (direction === 'outbound' ? 0 : 1)
  rank = 2 * rank + (hasOpenRequest(announcer, now) ? 1 : 0)

  return MAX_ANNOUNCERS * rank + asked.reduce((count, other) => other.netgroup === netgroup ? count + 1 : count, 0)
}

/** Whether a peer has an open request from before this moment. Items that are due at once go to one peer in one message. */
function hasOpenRequest ({ requests: asks }: Announcer, now: number): boolean {
  const [oldest] = asks.values()

  return oldest != null && oldest.at < now
}

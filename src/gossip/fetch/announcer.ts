import type { Withheld, Withholder } from './withheld.ts'
import type { Direction } from '../../types/peer.ts'
import type { Location } from '../../address/location.ts'

/** Announcers that are remembered of one item. */
export const MAX_ANNOUNCERS = 64

/** Who announces an item: a session. */
export interface AnnouncerKey {
  /** The peer id. */
  readonly id: string
  readonly direction: Direction
  readonly location: Location
}

/** A question for one item to one peer. */
export interface Ask {
  /** When it was asked, by the clock. */
  readonly at: number
  /** What the peer had sent in all when it was last looked, in bytes. */
  bytes: number
  /** Whether others were asked since, for want of an answer. */
  isLate: boolean
}

/** An item that was announced and has not come. */
export interface Want {
  readonly key: string
  /** Those who have announced it, in that order. */
  readonly announcers: Announcer[]
  /** Those of them who were asked for it, in that order. */
  readonly asked: Announcer[]
  /** Those of them who were asked in a session that has ended since: they may be asked once more. */
  readonly again: Set<Announcer>
  /** How often somebody was asked for it. */
  rounds: number
  /** When the first was asked; 0 before. */
  firstAskAt: number
  /** When the last was asked; 0 before. */
  lastAskAt: number
  /** By when all are to be asked. */
  deadline: number
  /** Whether nobody is left to be asked now. */
  isIdle: boolean
  /** When the next ones are asked, by the clock. */
  due: number
}

/** What {@link bestOf} goes by. */
export interface Turn {
  want: Want
  withheld: Withheld
  /** By the clock. */
  now: number
}

/** The peers of a network, or of a host that is not public, that have announced something. */
export interface Crowd {
  readonly name: string
  members: number
  /** Items that are waited for of them, counted for each. */
  announcements: number
}

/** A peer that has announced something. */
export class Announcer implements Withholder {
  /** The peer id. */
  readonly id: string
  /** What is waited for of it, what was announced last at the end. */
  readonly wants: Set<Want> = new Set<Want>()
  /** What it was asked for and has not sent, by key, the oldest first. */
  readonly asks: Map<string, Ask> = new Map<string, Ask>()
  /** Until when its announcements count without a session; `undefined` while there is one. */
  awayUntil: number | undefined
  direction: Direction
  crowd: Crowd
  host: string

  constructor ({ id, direction, location }: AnnouncerKey, crowd: Crowd) {
    this.id = id
    this.direction = direction
    this.crowd = crowd
    this.host = location.host ?? id
  }

  /** Takes note of the session that it has now. */
  onSession ({ direction, location }: AnnouncerKey, crowd: Crowd): void {
    this.direction = direction
    this.crowd = crowd
    this.host = location.host ?? this.id
    this.awayUntil = undefined
  }
}

/** An item that is waited for, of which nobody was asked for yet. */
export function newWant (key: string, due: number): Want {
  return {
    key, announcers: [], asked: [], again: new Set(), rounds: 0, firstAskAt: 0, lastAskAt: 0, deadline: 0, isIdle: false, due
  }
}

/** Those who can be asked for an item now, in the order in which they have announced it. */
export function leftOf ({ announcers, asked }: Want): Announcer[] {
  return announcers.filter((announcer) => announcer.awayUntil == null && !asked.includes(announcer))
}

/**
 * Who of `candidates` is asked first, by these in turn: who was not asked before, in another session; whose host, and who itself, has
 * withheld the least; peers that we have chosen, since an attacker can hardly make us choose it; who owes us nothing; of whose crowd
 * the fewest were asked; who announced it first.
 */
export function bestOf (candidates: readonly Announcer[], turn: Turn): Announcer | undefined {
  let best: Announcer | undefined
  let lowest = Infinity

  for (const announcer of candidates) {
    const rank = rankOf(announcer, turn)

    if (rank < lowest) {
      best = announcer
      lowest = rank
    }
  }

  return best
}

/** Below 2^26: a digit for each of what {@link bestOf} goes by, the first in front. */
function rankOf (announcer: Announcer, { want: { again, asked }, withheld, now }: Turn): number {
  const { id, host, direction, crowd } = announcer
  let rank = again.has(announcer) ? 1 : 0
  rank = 256 * rank + withheld.of(host)
  rank = 256 * rank + withheld.of(id)
  rank = 2 * rank + (direction === 'outbound' ? 0 : 1)
  rank = 2 * rank + (isOwing(announcer, now) ? 1 : 0)

  return MAX_ANNOUNCERS * rank + asked.reduce((count, other) => other.crowd === crowd ? count + 1 : count, 0)
}

/** Whether a peer has not sent what it was asked for before this moment: what is due at once goes to one peer in one message. */
function isOwing ({ asks }: Announcer, now: number): boolean {
  const [oldest] = asks.values()

  return oldest != null && oldest.at < now
}

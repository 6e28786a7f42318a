import type { Direction } from '../types/peer.ts'

/** Announcers of one item that are kept. */
export const MAX_ANNOUNCERS = 8

/** How many of these may be inbound: whoever fills a node with peers of its own cannot keep out those that the node has chosen. */
export const MAX_INBOUND_ANNOUNCERS = 6

/** An item that was announced and has not come. */
export interface Want {
  readonly key: string
  /** Those who can still be asked, in the order in which they announced it. */
  readonly announcers: Announcer[]
  /** Who was asked last. */
  asked: Announcer | undefined
  /** When the next one is asked, by the clock. */
  due: number
}

/** A peer that has announced something. */
export class Announcer {
  /** The peer id. */
  readonly id: string
  readonly direction: Direction
  /** What is waited for of it. */
  readonly wants: Set<Want> = new Set<Want>()
  /** Whether it has left unanswered what it was asked for. */
  isLate = false

  constructor (id: string, direction: Direction) {
    this.id = id
    this.direction = direction
  }
}

/** Takes note that one more peer has an item, unless enough are known to have it. */
export function addAnnouncer (want: Want, announcer: Announcer): void {
  const all = want.asked == null ? want.announcers : [want.asked, ...want.announcers]
  const inbound = all.filter(({ direction }) => direction === 'inbound').length
  const isInbound = announcer.direction === 'inbound'

  if (!announcer.wants.has(want) && all.length < MAX_ANNOUNCERS && !(isInbound && inbound >= MAX_INBOUND_ANNOUNCERS)) {
    want.announcers.push(announcer)
    announcer.wants.add(want)
  }
}

/**
 * Who is asked first: those who do what they announce, then peers that we have chosen, since an attacker can hardly make us
 * choose it, then who announced it first.
 */
export function bestOf (announcers: readonly Announcer[]): Announcer | undefined {
  let best: Announcer | undefined

  for (const announcer of announcers) {
    if (best == null || rankOf(announcer) < rankOf(best)) {
      best = announcer
    }
  }

  return best
}

function rankOf ({ isLate, direction }: Announcer): number {
  return (isLate ? 2 : 0) + (direction === 'outbound' ? 0 : 1)
}

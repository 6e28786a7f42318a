import type { Session } from '../../session/session.ts'

/** Blocks that a peer is sent whole after it has asked for most of a compact one. Each time in a row are twice as many. */
export const FEWEST_WHOLE_BLOCKS = 4

/** Blocks that it is sent whole at most, before the node tries a compact one again. */
export const MOST_WHOLE_BLOCKS = 64

/** A peer that had to ask. */
interface Lack {
  /** The number of the block that is compact again. */
  until: number
  blocks: number
}

/**
 * Peers that lack most transactions of blocks, such as those that get none from their own peers. A compact block costs them a round trip
 * and a hash of each transaction that they have, and then comes nearly whole. So they are sent whole blocks for a while. Blocks are
 * numbered one after the other.
 */
export class LackingPeers {
  readonly #lacks = new WeakMap<Session, Lack>()

  /** Whether a peer is sent the block of this number whole. */
  has (session: Session, number: number): boolean {
    return number < (this.#lacks.get(session)?.until ?? 0)
  }

  /** Takes note that a peer has asked for most of the block of this number. */
  note (session: Session, number: number): void {
    const { until, blocks } = this.#lacks.get(session) ?? { until: -Infinity, blocks: 0 }

    if (number < until) {
      return
    }

    // one in a row is asked for as the first compact block after the whole ones
    const next = number - until < FEWEST_WHOLE_BLOCKS ? Math.min(2 * blocks, MOST_WHOLE_BLOCKS) : FEWEST_WHOLE_BLOCKS
    this.#lacks.set(session, { until: number + 1 + next, blocks: next })
  }
}

import type { Session } from '../../session/session.ts'
import type { Tip } from '../../types/block.ts'
import type { SyncStatus } from '../../types/sync-status.ts'

/** What a tip is compared with. */
export interface PeerHeights {
  /** The ready peers. */
  peers: readonly Pick<Session, 'bestHeight'>[]
  /** The heights of the peers that are believed to have something above the tip, or beside it, the greatest first. */
  ahead: readonly { height: number }[]
  /** How many of the peers say to have blocks above the tip, of which none is believed. */
  doubted?: number
}

/** Whether a tip is in step with those of peers, by what they are believed to have. `undefined` stands for a node without a chain. */
export function chainState (tip: Tip | undefined, { peers, ahead, doubted = 0 }: PeerHeights): Pick<SyncStatus, 'state' | 'behind' | 'best'> {
  if (tip == null || peers.length === 0) {
    return { state: 'unknown', behind: 0, best: null }
  }

  const [highest] = ahead

  // another block at the height of the tip is no more than that
  if (highest == null || highest.height <= tip.height) {
    // what peers say above the tip, and are not believed, does not count
    const best = peers.reduce((best, { bestHeight }) => Math.max(best, Math.min(bestHeight, tip.height)), 0)

    // a tip that no peer confirms may be the one that all are past, and keep from this node
    return { state: doubted < peers.length ? 'synced' : 'unknown', behind: 0, best }
  }

  return { state: 'behind', behind: highest.height - tip.height, best: highest.height }
}

/** The heights that peers say to have above a tip, the greatest first. For a chain that the node cannot write to: it never tries them. */
export function claimedAhead (tip: Tip, peers: readonly Pick<Session, 'bestHeight'>[]): { height: number }[] {
  return peers.filter(({ bestHeight }) => bestHeight > tip.height)
    .map(({ bestHeight }) => ({ height: bestHeight }))
    .sort((a, b) => b.height - a.height)
}

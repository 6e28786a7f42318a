import type { OutboundItem } from './item-store.ts'
import type { ReadyPeers } from '../peers.ts'
import type { SeenCache } from '../seen-cache.ts'
import type { ApplicationPool } from '../transactions/application-pool.ts'
import type { OnCounted } from '../transactions/counts.ts'
import type { Chance } from '../../util/chance.ts'
import type { Clock } from '../../util/clock.ts'

/** What became of a broadcast at the moment of the call; delivery is not known. */
export interface BroadcastResult {
  /** Peers for which the item or its announcement waits to be sent. */
  queued: number
  /** Ready peers that do not get it: they have it, too much waits for them already, or they were sent as much as they take. */
  skipped: number
}

/** Options of {@link Distribution}. */
export interface DistributionInit {
  peers: ReadyPeers
  seen: SeenCache
  clock: Clock
  chance: Chance
  maxFrameBytes: number
  /** Called when a peer is not sent an item since it was sent as much as it takes. The item may be announced to it instead. */
  onThrottled?: (type: OutboundItem['type']) => void
  /** Whether a peer is away that may come back. Blocks are kept for it meanwhile. */
  hasAwayPeers?: () => boolean
  /** Whether the next session of such a peer is on its way. Transactions are kept for it too. */
  hasReconnectingPeers?: () => boolean
  /** The pool of the application, where it has one. */
  application?: ApplicationPool | undefined
  /** Called with what is announced, asked for and answered by short digests. */
  onCounted?: OnCounted | undefined
}

import type { PeerCounts } from './slots.ts'
import type { Peer } from '../types/peer.ts'

/** The peers of a node: those with a ready session when iterated. */
export interface PeerManager extends Iterable<Peer> {
  /** How many sessions there are. */
  readonly counts: PeerCounts

  /** The ready peer with this libp2p peer id. */
  get (id: string): Peer | undefined

  /** Ends the session with a peer, which is told `SHUTDOWN` and `detail`. False where there is none. */
  disconnect (id: string, detail?: string): boolean

  /**
   * Ends the session with a peer and keeps it out for `duration` ms, 1 h unless said otherwise.
   * Throws a `ConfigError` for a duration that is not a number above 0.
   */
  ban (id: string, options?: { duration?: number }): void

  /** Ends a ban. False where there was none. */
  unban (id: string): boolean

  /** Whether a peer is kept out now. */
  isBanned (id: string): boolean
}

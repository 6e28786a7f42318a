import type { Peer } from './peer.ts'

/** How a synchronisation may be narrowed and ended. */
export interface SyncOptions {
  /** The libp2p peer id of the only peer to ask. Without it, all that have something for us are asked at once. */
  peer?: string
  /** Ends it; what was appended stays. */
  signal?: AbortSignal
}

/** What a synchronisation has achieved. */
export interface SyncResult {
  /** Height of our best block when it began. */
  from: number
  /** Height of our best block now. */
  height: number
  /** True where blocks of our own chain have made room for a branch. */
  reorganised: boolean
}

/** How far a synchronisation is. */
export interface SyncProgress {
  /** Height of our best block when it began. */
  from: number
  /**
   * How far it probably goes: what more than half of the peers say to have, and of those who have delivered more than half where
   * some are still ahead. It may grow, and shrink where they do not keep their word.
   */
  to: number
  /** Height of the best block that has been appended, or taken of a branch. */
  height: number
  /** Over the last seconds. */
  blocksPerSecond: number
  /** Bytes of encoded blocks, over the last seconds. */
  bytesPerSecond: number
  /** Peers that blocks are being asked of now. */
  peers: number
  /** Until `to` is reached, in ms; `undefined` while that cannot be told. */
  eta: number | undefined
}

/** A synchronisation that has ended. */
export interface SyncEnd extends SyncResult {
  /** Why it ended before we were in step. It is tried again where peers are still ahead. */
  error: Error | undefined
}

/**
 * What a peer did to be asked no more: `stalled` took too long, `unavailable` does not have what it said to have,
 * `unlinked` sent a block that does not follow the one before it, `invalid` one that the chain refused, `violation` what the
 * protocol forbids. A peer on a branch of its own is `unlinked` without being at fault.
 */
export type FaultKind = 'stalled' | 'unavailable' | 'unlinked' | 'invalid' | 'violation'

/** A peer that could not be used to fetch blocks. */
export interface SyncFault {
  peer: Peer
  kind: FaultKind
  /** The first height it was asked for and did not deliver as it should. */
  height: number
  /** For people to read; may repeat what a peer said. */
  detail: string
}

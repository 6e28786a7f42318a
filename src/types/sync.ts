import type { Peer } from './peer.ts'

/** How a synchronisation may be narrowed and ended. */
export interface SyncOptions {
  /** The libp2p peer id of the only peer to ask. Without it, the node asks all peers that are ahead at once. */
  peer?: string
  /** Ends it. Blocks that it has appended stay. */
  signal?: AbortSignal
}

/** What a synchronisation has achieved. */
export interface SyncResult {
  /** The height of the node's best block when it began. */
  from: number
  /** The height of the node's best block now. */
  height: number
  /** True where blocks of the node's own chain have made room for a branch. */
  reorganised: boolean
}

/** How far a synchronisation is. */
export interface SyncProgress {
  /** The height of the node's best block when it began. */
  from: number
  /**
   * How far it probably goes: the height that more than half of the peers say to have, or more than half of those that have delivered
   * and are still ahead. It may grow, and shrink where peers do not keep their word.
   */
  to: number
  /** The height of the last block that was appended, or taken of a branch. */
  height: number
  /** Blocks a second, over the last seconds. */
  blocksPerSecond: number
  /** Bytes of encoded blocks a second, over the last seconds. */
  bytesPerSecond: number
  /** Peers that the node is asking for blocks now, or those whose blocks it appended over the last seconds, whichever are more. */
  peers: number
  /** How long it takes until `to` is reached, in ms. `undefined` while that cannot be told. */
  eta: number | undefined
}

/** How the chain of the node compares with those of its ready peers. */
export interface SyncState {
  /** The height of the node's best block. */
  height: number
  /** The greatest height that a ready peer is believed to have, at least `height` where the node is behind. */
  best: number
  /** Blocks that the node lacks. */
  behind: number
}

/** A synchronisation that has ended. */
export interface SyncEnd extends SyncResult {
  /** Why it ended before the height of the peers. The node tries again where peers are still ahead. */
  error: Error | undefined
}

/**
 * Why the node asks a peer no more, and what follows.
 *
 * - `stalled`: It did not answer in time, or a peer that was asked after it overtook it. It counts against the peer.
 * - `unavailable`: It did not have what it said to have. The node distrusts it for a while. It counts against the peer.
 * - `unlinked`: It sent a block that does not follow the one before it. The node looks at its branch. A peer on a branch is not at fault.
 * - `invalid`: It sent a block that the chain refused. Its session ends with `PROTOCOL_VIOLATION`. It counts against the peer.
 * - `violation`: It sent what the protocol forbids. Its session ends with `PROTOCOL_VIOLATION`, and the node bans it.
 */
export type FaultKind = 'stalled' | 'unavailable' | 'unlinked' | 'invalid' | 'violation'

/** A peer that could not be used to fetch blocks. */
export interface SyncFault {
  /** The peer. */
  peer: Peer
  /** What it did. */
  kind: FaultKind
  /** The first height that the peer was asked for and did not deliver. */
  height: number
  /** For people to read. It may repeat what a peer said: do not trust it. */
  detail: string
}

import type { FaultKind } from './sync.ts'

/** How the chain of a node compares with those of its peers. */
export interface SyncStatus {
  /**
   * `synced` and `behind` are by what the ready peers are believed to have. `unknown` without a chain, without a ready peer, and where all
   * of them say to have more and are not believed: see `doubted`.
   */
  state: 'synced' | 'behind' | 'unknown'
  /** Since when `state` is not `synced`, in ms since the Unix epoch; `null` where it is. */
  since: number | null
  /** When the tip last moved, in ms since the Unix epoch; `null` where it has not since the start. */
  grownAt: number | null
  /** Ready peers that say to have blocks above the tip and did not send them when they were asked: the first 8. */
  doubted: DoubtedPeerStatus[]
  /** Calls of the application's chain that have been under way for 10 s, the longest first: the chain hangs, or is busy. The first 8. */
  chainCalls: ChainCallStatus[]
  /** Blocks that a peer is believed to have above the tip: 0 where the node is in step, or cannot tell. */
  behind: number
  /** The greatest height that a ready peer is believed to have; `null` without one. */
  best: number | null
  /** Whether the node fetches by itself what it lacks: it has a `ChainStore`, and `autoSync`. */
  isAutomatic: boolean
  /** How far the synchronisation under way is; `null` without one. */
  progress: SyncProgressStatus | null
  /** Failed synchronisations in a row. */
  failures: number
  /** In how many ms the node tries again after a failure; `null` where it does not wait for that. */
  retryIn: number | null
  /** The last synchronisation that has ended; `null` where there was none. */
  lastEnd: SyncEndStatus | null
}

/** A call of the application's chain that has not returned. */
export interface ChainCallStatus {
  /** What was called. */
  method: 'tip' | 'lowestHeight' | 'get' | 'range' | 'verify' | 'append' | 'reorganise'
  /** For how many ms it has been under way. */
  ms: number
}

/** A peer whose height is not believed for a while. */
export interface DoubtedPeerStatus {
  /** The libp2p peer id. */
  peer: string
  /** The name that its operator gave it. */
  nodeId: string
  /** The height that it says to have. */
  claimed: number
  /** The height that it is believed to have. */
  believed: number
  /** In how many ms the node asks it again. */
  retryIn: number
}

/** A synchronisation under way: see `SyncProgress`. */
export interface SyncProgressStatus {
  /** Where it began. */
  from: number
  /** Where it probably ends. */
  to: number
  /** The height of the last block that was appended, or taken of a branch. */
  height: number
  /** Over the last seconds. */
  blocksPerSecond: number
  /** Of encoded blocks, over the last seconds. */
  bytesPerSecond: number
  /** Peers that are being asked, or those whose blocks were appended over the last seconds, whichever are more. */
  peers: number
  /** In how many ms it ends; `null` while that cannot be told. */
  eta: number | null
}

/** A synchronisation that has ended: see `SyncEnd`. */
export interface SyncEndStatus {
  /** When, in ms since the Unix epoch. */
  at: number
  /** Where it began. */
  from: number
  /** Where it ended. */
  height: number
  /** Whether blocks of the own chain have made room for a branch. */
  reorganised: boolean
  /** Why it ended before the height of the peers; `null` where it did not. */
  error: string | null
  /** What peers did wrong in it, the last 8, the latest first. */
  faults: SyncFaultStatus[]
}

/** A peer that could not be used to fetch blocks: see `SyncFault`. */
export interface SyncFaultStatus {
  /** The libp2p peer id. */
  peer: string
  /** The name that its operator gave it. */
  nodeId: string
  /** What it did. */
  kind: FaultKind
  /** The first height that it was asked for and did not deliver. */
  height: number
  /** When, in ms since the Unix epoch. */
  at: number
}

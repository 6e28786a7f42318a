import type { DialFailure } from '../../connect/dial/types.ts'
import type { Ban } from '../../types/ban.ts'
import type { Block, Tip, Transaction } from '../../types/block.ts'
import type { DisconnectReason } from '../../types/message.ts'
import type { Peer } from '../../types/peer.ts'
import type { DialEnd } from '../../types/dial-end.ts'
import type { ServedRequest } from '../../types/served-request.ts'
import type { StorageFault } from '../../types/storage.ts'
import type { BlockTimeline, TransactionTimeline } from '../../types/timeline.ts'
import type { SyncEnd, SyncFault, SyncProgress, SyncState } from '../../types/sync.ts'

/** A session that has ended. */
export interface PeerClosure {
  /** The peer at the other end. */
  peer: Peer
  /** What was said to the peer, or by it. `undefined` where the connection just broke. */
  reason: DisconnectReason | undefined
  /** For people to read, at most 256 bytes. The peer has chosen it where `byRemote` is true: do not trust it. */
  detail: string
  /** True where the peer ended the session, or the connection broke. */
  byRemote: boolean
}

/** What a network tells about itself. Listeners are called in the turn in which it happens. */
export interface VibeCoinEvents {
  /** A session is ready. */
  'peer:ready': CustomEvent<Peer>
  /** A session that was ready has ended. */
  'peer:closed': CustomEvent<PeerClosure>
  /** A session has ended before it was ready: one side refused the other, or the handshake failed. */
  'peer:refused': CustomEvent<PeerClosure>
  /** A peer or a host is banned from now on, or for longer. */
  'peer:banned': CustomEvent<Ban>
  /** A dial has failed, or the peer has refused the session. */
  'dial:failed': CustomEvent<DialFailure>
  /** A dial has ended: with a session, a refusal or a failure. It costs nothing while it has no listener. */
  'dial:end': CustomEvent<DialEnd>
  /** The node has answered a request of a peer for blocks, or has failed to. It costs nothing while it has no listener. */
  'request:served': CustomEvent<ServedRequest>
  /** The node has accepted a new block of a peer, and appended it where the chain is a `ChainStore`. Not for blocks that are fetched. */
  'block': CustomEvent<{ block: Block, peer: Peer }>
  /**
   * The node has relayed a block of a peer that it has accepted: when it was announced, asked for, received, judged, appended and relayed.
   * Not for blocks that a synchronisation fetches.
   */
  'block:timeline': CustomEvent<BlockTimeline>
  /** The node has accepted a transaction of a peer. */
  'transaction': CustomEvent<{ transaction: Transaction, peer: Peer }>
  /**
   * The node has relayed a transaction of a peer that it has accepted: of 1 in 64, chosen by the digest, so that all nodes tell of the same
   * ones. It costs nothing while it has no listener.
   */
  'transaction:timeline': CustomEvent<TransactionTimeline>
  /**
   * The best block of the node's chain is another one, whatever has moved it: a block of a peer, fetched blocks, a change of branch. A
   * block of the application's own counts when it is broadcast, or when the node asks the chain for its tip.
   */
  'tip': CustomEvent<Tip>
  /** The node has the blocks that its ready peers are believed to have, and did not before, or could not tell for want of peers. */
  'synced': CustomEvent<SyncState>
  /** Peers are more than 2 blocks ahead, or for longer than 5 s, or were ahead when the first of them was ready. */
  'behind': CustomEvent<SyncState>
  /** A synchronisation begins, goes on (at most four times a second), or is about to end. */
  'sync:progress': CustomEvent<SyncProgress>
  /** A synchronisation has ended. `error` says why, where it ended before the height of the peers. */
  'sync:end': CustomEvent<SyncEnd>
  /** The node could not use a peer to fetch blocks. */
  'sync:fault': CustomEvent<SyncFault>
  /**
   * The node could not read or write the chain, the bans or the known peers. Or the chain or a handler gave what must not be sent, or the
   * chain lacks a block that was broadcast.
   */
  'storage:fault': CustomEvent<StorageFault>
}

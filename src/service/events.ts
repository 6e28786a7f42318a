import type { DialFailure } from './dialer-init.ts'
import type { Ban } from '../types/ban.ts'
import type { Block, Transaction } from '../types/block.ts'
import type { DisconnectReason } from '../types/message.ts'
import type { Peer } from '../types/peer.ts'
import type { StorageFault } from '../types/storage.ts'
import type { SyncEnd, SyncFault, SyncProgress } from '../types/sync.ts'

/** A session that has ended. */
export interface PeerClosure {
  peer: Peer
  /** What was said to the peer, or by it; `undefined` where the connection just broke. */
  reason: DisconnectReason | undefined
  /** For people to read. Chosen by the peer where `byRemote` is true: not to be trusted, at most 256 bytes. */
  detail: string
  /** True when the peer ended it, or the connection broke. */
  byRemote: boolean
}

/** What a network tells about itself. Listeners are called in the turn in which it happens. */
export interface VibeCoinEvents {
  /** A session is ready. */
  'peer:ready': CustomEvent<Peer>
  /** A session that was ready has ended. */
  'peer:closed': CustomEvent<PeerClosure>
  /** A session has ended before it was ready: either side would not have the other, or the handshake failed. */
  'peer:refused': CustomEvent<PeerClosure>
  /** A peer or a host is kept out from now on, or for longer. */
  'peer:banned': CustomEvent<Ban>
  /** Somebody could not be reached, or would not have us; says when it is tried again. */
  'dial:failed': CustomEvent<DialFailure>
  /** A new block of a peer that was accepted, and appended where the chain is a `ChainStore`. Not for blocks that are fetched. */
  'block': CustomEvent<{ block: Block, peer: Peer }>
  /** A transaction of a peer that was accepted. */
  'transaction': CustomEvent<{ transaction: Transaction, peer: Peer }>
  /** How far a synchronisation is: as it begins, then at most four times a second, and before its end. */
  'sync:progress': CustomEvent<SyncProgress>
  /** A synchronisation in which somebody had something for us has ended, in step or not. */
  'sync:end': CustomEvent<SyncEnd>
  /** A peer that could not be used to fetch blocks. */
  'sync:fault': CustomEvent<SyncFault>
  /**
   * The chain, the bans or the known peers could not be read or written, or the chain or a handler gave what must not be sent. At most
   * every 10 s for each.
   */
  'storage:fault': CustomEvent<StorageFault>
}

/** What the node remembers of another one between two runs. */
export interface KnownPeer {
  /** The libp2p peer id, 1 to 128 characters. */
  id: string
  /** Multiaddrs, best first; at most 8 of at most 512 characters. */
  addresses: string[]
  /** The last session that became ready, in milliseconds since the Unix epoch. */
  lastSuccess?: number
  /** The last attempt that failed, in milliseconds since the Unix epoch. */
  lastFailure?: number
  /** The netgroup that it is in, or the id of the peer that told of it, 1 to 128 characters. Each source has so much room. */
  source?: string
  /** The netgroup of the peer that told of it, at most 128 characters, where this node has not reached it; empty for one without a host. */
  toldBy?: string
  /** Its signed peer record, at most 1024 bytes. */
  record?: Uint8Array
}

/**
 * The nodes that this node knows, at most 1000, and at most 64 of one source. Beyond that it forgets one of that source, or of all:
 * first those that never had a success, then the one whose last success is the oldest. Peers that it has only heard of from others,
 * which have `toldBy` and no success, are a part of their own: at most 512, of which the oldest goes. So they cannot push out those that
 * work.
 *
 * Some of them are anchors: outbound peers that did well. The node dials them before all others at the next start, so that an
 * attacker that fills the address book does not choose its peers. A mark on disk is gone as soon as it is read: where a peer makes
 * the node crash, the node does not come back to it each time.
 */
export interface KnownPeers {
  /** Every known peer, the latest success first. The objects are copies. */
  load (): Promise<KnownPeer[]>

  /** The anchors: those of the run before, until others are set. The objects are copies. */
  anchors (): Promise<KnownPeer[]>

  /**
   * Makes the first 2 of these that are known the anchors, and no others; done once it is on disk.
   * Throws a `StorageError` when it cannot be written.
   */
  setAnchors (ids: readonly string[]): Promise<void>

  /**
   * Adds the peer or replaces what is known of it; done once it is on disk. It leaves out addresses over the bounds.
   * Throws a `StorageError` when it cannot be written, and a `RangeError` for an id, time or source that is none.
   */
  save (peer: KnownPeer): Promise<void>

  /**
   * Notes when a peer could not be reached, in milliseconds since the Unix epoch. A peer that is not known stays unknown.
   * Throws a `StorageError` when it cannot be written, and a `RangeError` for a time that is none.
   */
  noteFailure (id: string, time: number): Promise<void>

  /** Forgets the peer, if it is known. Throws a `StorageError` when that cannot be written. */
  remove (id: string): Promise<void>

  /** Writes what is under way and lets go of the disk. Afterwards every method but this one throws a `NotRunningError`. */
  close (): Promise<void>
}

/** What is remembered of a remote node between two runs. */
export interface KnownPeer {
  /** The libp2p peer id, 1 to 128 characters. */
  id: string
  /** Multiaddrs, best first; at most 8 of at most 512 characters. */
  addresses: string[]
  /** The last session that became ready, in milliseconds since the Unix epoch. */
  lastSuccess?: number
  /** The last attempt that failed, in milliseconds since the Unix epoch. */
  lastFailure?: number
  /** The network group it is in, or the id of who told of it, 1 to 128 characters: each has so much room. */
  source?: string
}

/**
 * The remote nodes that were met, at most 1000, and at most 64 of one source. Beyond that the one whose last success is the
 * oldest is forgotten, of that source or of all, and before it those that never had one: peers that are only heard of cannot
 * push out those that work.
 *
 * Some of them are anchors: outbound peers that did well, to be dialled before all others at the next start, so that whoever
 * fills the address book does not choose who we know after it. A mark on disk is gone as soon as it is read: when a peer makes
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
   * Adds the peer or replaces what is known of it; done once it is on disk. Addresses over the bounds are left out.
   * Throws a `StorageError` when it cannot be written, and a `RangeError` for an id, time or source that is none.
   */
  save (peer: KnownPeer): Promise<void>

  /**
   * Notes that a peer could not be reached, in milliseconds since the Unix epoch. Who is not known stays unknown.
   * Throws a `StorageError` when it cannot be written, and a `RangeError` for a time that is none.
   */
  noteFailure (id: string, time: number): Promise<void>

  /** Forgets the peer, if it is known. Throws a `StorageError` when that cannot be written. */
  remove (id: string): Promise<void>

  /** Writes what is under way and lets go of the disk. Afterwards every method but this one throws a `NotRunningError`. */
  close (): Promise<void>
}

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
}

/**
 * The remote nodes that were met, at most 1000. Beyond that the one whose last success is the oldest is forgotten, and
 * before it those that never had one: peers that are only heard of cannot push out those that work.
 */
export interface KnownPeers {
  /** Every known peer, the latest success first. The objects are copies. */
  load (): Promise<KnownPeer[]>

  /**
   * Adds the peer or replaces what is known of it; done once it is on disk. Addresses over the bounds are left out.
   * Throws a `StorageError` when it cannot be written, and a `RangeError` for an id or time that is none.
   */
  save (peer: KnownPeer): Promise<void>

  /** Forgets the peer, if it is known. Throws a `StorageError` when that cannot be written. */
  remove (id: string): Promise<void>

  /** Writes what is under way and lets go of the disk. Afterwards every method but this one throws a `NotRunningError`. */
  close (): Promise<void>
}

/** How much a peer may send in the long run, and at once. */
export interface Rate {
  /** Units a second; `Infinity` for no limit. */
  readonly perSecond: number
  /** Units at once, after a long enough pause. */
  readonly burst: number
}

/** How much one peer may send. The node reads a peer over one of the rates more slowly, and disconnects it after 30 s of that. */
export interface RateLimits {
  /** New transactions. */
  readonly transactions: Rate
  /** New blocks. */
  readonly blocks: Rate
  /** Blocks that it asks for. A range counts as its blocks, at most 1024. */
  readonly blocksAsked: Rate
  /** Digests in `Have` and `Want`. */
  readonly digests: Rate
  /** Pings. */
  readonly pings: Rate
  /** Pongs that answer nothing, and messages of an unknown kind. */
  readonly others: Rate
  /** Bytes of any kind. A peer over this rate is read more slowly, and never disconnected. */
  readonly bytes: Rate
}

/** What may pass in a second, in bytes; `Infinity` for no cap. Messages that keep a session alive always pass. */
export interface Bandwidth {
  /** To all peers together. */
  readonly upload: number
  /** From all peers together. */
  readonly download: number
  /** To each peer. */
  readonly peerUpload: number
  /** From each peer. */
  readonly peerDownload: number
}

/** Bounds of single parts. */
export interface Limits {
  /**
   * Blocks in the answer to one request.
   *
   * @remarks The answer ends early.
   */
  readonly servedBlocks: number
  /**
   * Bytes in the answer to one request. One block always goes.
   *
   * @remarks The answer ends early.
   */
  readonly servedBytes: number
  /**
   * Requests of one peer that the node serves at a time.
   *
   * @remarks The other requests wait, in order.
   */
  readonly servedRequests: number
  /**
   * What waits to be sent to one peer, in bytes. Less than `outboxHardBytes`.
   *
   * @remarks The node reads no more for the peer from the chain, and drops transactions for it.
   */
  readonly outboxSoftBytes: number
  /**
   * What waits to be sent to one peer at most, in bytes. One message above `outboxSoftBytes` always fits.
   *
   * @remarks The node ends the session with `TOO_SLOW`.
   */
  readonly outboxHardBytes: number
  /**
   * Digests of blocks and transactions that the node remembers.
   *
   * @remarks The node forgets the oldest. An item that comes again is judged and relayed again.
   */
  readonly seenDigests: number
  /** How long the node remembers them. */
  readonly seenDuration: number
  /**
   * Bans at a time. Those count too that have ended and are remembered.
   *
   * @remarks The ban that ends first makes room, one by the operator last.
   */
  readonly bans: number
}

/** How much may come in the long run, and at once. */
export interface Rate {
  /** Units a second; `Infinity` for as many as come. */
  readonly perSecond: number
  /** Units at once, after a pause that was long enough. */
  readonly burst: number
}

/** What one peer may send. Whoever is over one of them is read more slowly, and after 30 s of that disconnected. */
export interface RateLimits {
  /** New transactions. */
  readonly transactions: Rate
  /** New blocks. */
  readonly blocks: Rate
  /** Blocks that it asks for. */
  readonly blocksAsked: Rate
  /** Digests of what it has, and of what it wants to have. */
  readonly digests: Rate
  /** Pings. */
  readonly pings: Rate
  /** What answers nothing, and what this version does not know. */
  readonly others: Rate
  /** Bytes of whatever kind. */
  readonly bytes: Rate
}

/** What may pass in a second, in bytes, `Infinity` for as much as there is. Messages that keep a session alive always pass. */
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
  /** Blocks in the answer to one request: 1 to 1024. */
  readonly servedBlocks: number
  /** Bytes in the answer to one request, 64 KiB to 64 MiB; one block always goes. */
  readonly servedBytes: number
  /** Requests of one peer that are served at a time, 1 to 64. */
  readonly servedRequests: number
  /** What waits to be sent to one peer, in bytes: above it nothing more is read for it from the chain, and transactions are dropped. */
  readonly outboxSoftBytes: number
  /** What waits to be sent to one peer, in bytes: above it the peer is too slow. */
  readonly outboxHardBytes: number
  /** Blocks and transactions that are remembered as met: a power of two from 1024 to 1048576. */
  readonly seenDigests: number
  /** For how long they are, in ms. */
  readonly seenDuration: number
  /** Peers and hosts that are kept out at a time, 1 to 100000. */
  readonly bans: number
}

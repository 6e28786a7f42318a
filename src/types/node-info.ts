/**
 * What a node says about itself in its handshake.
 */
export interface NodeInfo {
  /** Only equal versions talk to each other. */
  protocolVersion: number
  /** The chain's name, such as `vibecoin-main`; at most 64 bytes of UTF-8. */
  network: string
  /** 32 bytes. */
  genesisHash: Uint8Array
  /** The operator's name for the node; at most 64 bytes of UTF-8. Anyone may claim any name. */
  nodeId: string
  /** Software and version; at most 256 bytes of UTF-8. */
  userAgent: string
  /** Binary multiaddrs, at most 16. Claims, not facts. */
  listenAddrs: Uint8Array[]
  /** Height of the best block, a safe integer. */
  bestHeight: number
  /** 32 bytes. */
  bestHash: Uint8Array
}

/** The end of a chain: the best block a node has. */
export interface Tip {
  /** A safe integer. */
  height: number
  /** 32 bytes. */
  hash: Uint8Array
}

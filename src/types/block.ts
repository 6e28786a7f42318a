/**
 * A transaction as it travels on the wire. Opaque to the network: the application checks signatures and balances.
 */
export interface Transaction {
  /** 32 bytes. */
  id: Uint8Array
  /** 32 bytes. */
  sender: Uint8Array
  /** 32 bytes. */
  recipient: Uint8Array
  /** 0 to 2^64 - 1. */
  value: bigint
  /** 0 to 2^64 - 1. */
  nonce: bigint
  /** 0 to 2^64 - 1. */
  gasPrice: bigint
  /** 0 to 2^64 - 1. */
  gasLimit: bigint
  /** Bounded only by the size of a frame. */
  data: Uint8Array
  /** Bounded only by the size of a frame. */
  signature: Uint8Array
}

/**
 * A block as it travels on the wire. The network checks only its shape; the application checks consensus.
 */
export interface Block {
  /** A safe integer, 0 for the genesis block. */
  height: number
  /** 32 bytes. */
  hash: Uint8Array
  /** 32 bytes: the `hash` of the block one below. */
  prevHash: Uint8Array
  /** Milliseconds since the Unix epoch, a safe integer. */
  timestamp: number
  /** 32 bytes. */
  stateRoot: Uint8Array
  /** In the order of the block. */
  transactions: Transaction[]
  /** The consensus' own data, opaque to the network. */
  proof: Uint8Array
}

/** The end of a chain: the best block that a node has. */
export interface Tip {
  /** A safe integer. */
  height: number
  /** 32 bytes. */
  hash: Uint8Array
}

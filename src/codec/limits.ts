/**
 * The body of a frame, unless `maxFrameBytes` says otherwise.
 *
 * @remarks A node bans the sender as soon as it has read the length. `broadcast` of a larger item throws an `EncodeError`.
 */
export const MAX_FRAME_BYTES: number = 4 * 1024 * 1024

/**
 * How much smaller than a frame a block or transaction has to be.
 *
 * A response takes 25 bytes of it, and later forms may take more. So every node can serve what one node can make.
 *
 * @remarks `broadcast` throws an `EncodeError` for a larger item. A node refuses a larger one of a peer, and counts it as rejected.
 */
export const ITEM_OVERHEAD_BYTES = 1024

/** The largest encoded block or transaction, where frames have at most so many bytes. */
export function maxItemBytes (maxFrameBytes: number): number {
  return maxFrameBytes - ITEM_OVERHEAD_BYTES
}

/** The body of a frame before the handshake is done. A handshake that keeps to the limits of its fields always fits. */
export const MAX_HANDSHAKE_FRAME_BYTES = 4096

/** Every hash, id, address and digest, exactly. */
export const HASH_BYTES = 32

/** The name of the network, in UTF-8 (`NodeInfo.network`). */
export const MAX_NETWORK_BYTES = 64

/** The operator's name for a node, in UTF-8 (`NodeInfo.node_id`). */
export const MAX_NODE_ID_BYTES = 64

/** The user agent, in UTF-8 (`NodeInfo.user_agent`). */
export const MAX_USER_AGENT_BYTES = 256

/**
 * Addresses in a handshake (`NodeInfo.listen_addrs`), and in `announce`.
 *
 * @remarks The node tells the most useful 16. More in `announce` are a `ConfigError`.
 */
export const MAX_LISTEN_ADDRS = 16

/**
 * One address in a handshake, in binary form. Sixteen of them and the rest of a `NodeInfo` fit into a handshake frame.
 *
 * @remarks The node leaves out a longer one of its own. A longer one in `announce` is a `ConfigError`.
 */
export const MAX_LISTEN_ADDR_BYTES = 192

/**
 * The detail of a disconnect, in UTF-8.
 *
 * @remarks The node cuts it, also where a peer has sent a longer one.
 */
export const MAX_DETAIL_BYTES = 256

/** Heights in the option `forks`. More are a `ConfigError`. */
export const MAX_FORKS = 256

/** Digests in one `Have` or `Want`, and as many short ones. */
export const MAX_DIGESTS = 512

/** Peers in one answer to a request for peers. */
export const MAX_PEER_RECORDS = 64

/** The signed record of a peer. One of an Ed25519 key with eight usual addresses has about 300 bytes. */
export const MAX_PEER_RECORD_BYTES = 1024

/** A short id of a transaction in a compact block. */
export const SHORT_ID_BYTES = 6

/** A short digest: the first bytes of a digest. */
export const SHORT_DIGEST_BYTES = 16

/** The shortest transaction: the three 32-byte fields that none is without, each with its tag and length. */
export const MIN_TRANSACTION_BYTES: number = 3 * (HASH_BYTES + 2)

/** The shortest block: the three 32-byte fields that none is without, each with its tag and length. */
export const MIN_BLOCK_BYTES: number = 3 * (HASH_BYTES + 2)

/** The shortest transaction of a compact block, with the tag and length in front of it. */
export const MIN_PREFILLED_BYTES: number = MIN_TRANSACTION_BYTES + 2

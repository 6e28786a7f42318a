/** A frame's body, unless configured otherwise. */
export const MAX_FRAME_BYTES: number = 4 * 1024 * 1024

/**
 * What may be around a block or transaction in a frame. A response takes 25 bytes of it, and forms to come more: what one node can
 * make every other one has to be able to serve.
 */
export const ITEM_OVERHEAD_BYTES = 1024

/** The largest encoded block or transaction, where frames have at most so many bytes. */
export function maxItemBytes (maxFrameBytes: number): number {
  return maxFrameBytes - ITEM_OVERHEAD_BYTES
}

/** A frame's body while the handshake is under way. A handshake that keeps to the limits below always fits. */
export const MAX_HANDSHAKE_FRAME_BYTES = 4096

/** Every hash, id, address and digest. */
export const HASH_BYTES = 32

/** `NodeInfo.network`, in bytes of UTF-8. */
export const MAX_NETWORK_BYTES = 64

/** `NodeInfo.node_id`, in bytes of UTF-8. */
export const MAX_NODE_ID_BYTES = 64

/** `NodeInfo.user_agent`, in bytes of UTF-8. */
export const MAX_USER_AGENT_BYTES = 256

/** `NodeInfo.listen_addrs`: how many. */
export const MAX_LISTEN_ADDRS = 16

/** `NodeInfo.listen_addrs`: each. Sixteen of them and the rest of a NodeInfo stay below MAX_HANDSHAKE_FRAME_BYTES. */
export const MAX_LISTEN_ADDR_BYTES = 192

/** `Disconnect.detail`, in bytes of UTF-8. A longer one that a peer sends is cut, not refused: it ends the session anyway. */
export const MAX_DETAIL_BYTES = 256

/** `Have.digests` and `Want.digests`: how many. */
export const MAX_DIGESTS = 512

/** The three 32-byte fields that no transaction is without, each with its tag and length. */
export const MIN_TRANSACTION_BYTES: number = 3 * (HASH_BYTES + 2)

/** The three 32-byte fields that no block is without, each with its tag and length. */
export const MIN_BLOCK_BYTES: number = 3 * (HASH_BYTES + 2)

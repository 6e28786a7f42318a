/** A request of a peer for blocks that this node has answered, or has not. Times are in ms since the Unix epoch. */
export interface ServedRequest {
  /** The libp2p peer id. */
  peer: string
  /** What it asked for. */
  type: 'requestBlock' | 'requestBlockRange'
  /** The height of the first block that it asked for. */
  startHeight: number
  /** The height of the last one. */
  endHeight: number
  /** When the request was read. */
  received: number
  /** When the node began with it: those before it of the same peer come first. */
  begun: number
  /** When the answer was queued, all of it. */
  ended: number
  /** Blocks in the answer. */
  blocks: number
  /** Their bytes. */
  bytes: number
  /** Why the answer is shorter than it could be, where the chain or a handler of this node has failed. */
  error?: Error
}

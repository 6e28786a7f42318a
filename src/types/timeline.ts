/** A step on the way of a block that one peer was part of. */
export interface TimelineStep {
  /** When it was, in ms since the Unix epoch. */
  at: number
  /** The libp2p peer id of that peer. */
  peer: string
}

/**
 * The way of one block into the node and on to its peers: one plain object that goes through JSON. Times are in ms since the Unix epoch,
 * and in order: a change of the time of day meanwhile moves all of them.
 */
export interface BlockTimeline {
  /** Of the block. */
  height: number
  /** Of the block, in hexadecimal. */
  hash: string
  /** Transactions in the block. */
  transactions: number
  /** Bytes of the encoded block. */
  bytes: number
  /** The libp2p peer id of the peer that has delivered the block. */
  from: string
  /** The first announcement. Not there where the block came before any. */
  announced?: TimelineStep
  /** The request that the block came in answer to. Not there where it came unasked, or from another peer than those that were asked. */
  asked?: TimelineStep
  /** When the whole block was there, and from which peer. */
  received: TimelineStep
  /** When the application had its verdict. A block that comes before its parent is judged when the parent is there. */
  judged: number
  /** When the chain had verified and appended the block. Not there where the chain is no `ChainStore`. */
  appended?: number
  /** When the block was queued for other peers, or its announcement, and for how many. */
  relayed: { at: number, peers: number }
}

/** The steps of a block that is on its way. Times are by the clock's `now`. */
export interface BlockSteps extends Pick<BlockTimeline, 'height' | 'transactions' | 'bytes'> {
  readonly hash: Uint8Array
  readonly announced: TimelineStep | undefined
  readonly asked: TimelineStep | undefined
  readonly received: TimelineStep
  judged: number | undefined
  appended: number | undefined
}

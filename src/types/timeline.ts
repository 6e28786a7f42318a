/** A step on the way of a block that one peer was part of. */
export interface TimelineStep {
  /** When it was, in ms since the Unix epoch. */
  at: number
  /** The libp2p peer id of that peer. */
  peer: string
}

/** How a block was put together from a compact block. */
export interface CompactStep {
  /** When the compact block came, in ms since the Unix epoch. */
  at: number
  /** Bytes of the compact block. */
  bytes: number
  /** Transactions that came with it. */
  prefilled: number
  /** Transactions that the node has asked for, since it did not have them: 0 where it had them all. */
  asked: number
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
  /** The compact block that the block was put together from. Not there where the block came whole. */
  compact?: CompactStep
  /** When the whole block was there, and from which peer. */
  received: TimelineStep
  /** When the application had its verdict. A block that comes before its parent is judged when the parent is there. */
  judged: number
  /** When the chain had verified and appended the block. Not there where the chain is no `ChainStore`. */
  appended?: number
  /** When the block was queued for other peers, or its announcement, and for how many. */
  relayed: { at: number, peers: number }
}

/**
 * The way of one transaction into the node and on to its peers, as {@link BlockTimeline} has it of a block. Nodes have records of the same
 * transactions: of 1 in 64, chosen by the digest.
 */
export interface TransactionTimeline {
  /** Of the transaction, in hexadecimal. */
  id: string
  /** Bytes of the encoded transaction. */
  bytes: number
  /** The libp2p peer id of the peer that has delivered it. */
  from: string
  /** The first announcement. Not there where the transaction came before any. */
  announced?: TimelineStep
  /** The request that it came in answer to. Not there where it came unasked, or from another peer than those that were asked. */
  asked?: TimelineStep
  /** When it was there, and from which peer. */
  received: TimelineStep
  /** When the application had its verdict. */
  judged: number
  /** When the transaction was queued for other peers, or its announcement, and for how many. */
  relayed: { at: number, peers: number }
}

/** The steps of a block or transaction that is on its way. Times are by the clock's `now`. */
export interface ItemSteps {
  /** Of the encoded item. */
  readonly bytes: number
  readonly announced: TimelineStep | undefined
  readonly asked: TimelineStep | undefined
  readonly received: TimelineStep
  judged: number | undefined
}

/** The steps of a transaction. */
export interface TransactionSteps extends ItemSteps {
  readonly id: Uint8Array
}

/** The steps of a block. */
export interface BlockSteps extends ItemSteps, Pick<BlockTimeline, 'height' | 'transactions'> {
  readonly hash: Uint8Array
  /** Its time is by the clock too. */
  readonly compact?: CompactStep | undefined
  appended: number | undefined
}

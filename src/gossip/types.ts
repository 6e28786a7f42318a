import type { SeenBounds } from './seen-cache.ts'
import type { DistributionInit } from './send/types.ts'
import type { OutboundItem } from './send/item-store.ts'
import type { TimelinesInit, Way } from './timeline.ts'
import type { AssembledBlock, CompactOutcome } from './compact/types.ts'
import type { DecodeError } from '../errors.ts'
import type { Session } from '../session/session.ts'
import type { Outcome } from '../types/handlers.ts'
import type { BroadcastMessage } from '../types/message.ts'
import type { MemoryStatus, QueuesStatus } from '../types/status.ts'
import type { BlockSteps } from '../types/timeline.ts'

/** The messages that are relayed. */
export type RelayedType = BroadcastMessage['type']

/** A block or transaction that a peer has sent. */
export interface ReceivedItem {
  message: BroadcastMessage
  /** Its bytes as they came. */
  item: Uint8Array
  from: Session
  /** The way of a block into the node. */
  steps?: BlockSteps | undefined
}

/** An item that is seen for the first time. */
export interface FirstSeen extends Pick<ReceivedItem, 'item' | 'from'> {
  type: RelayedType
  key: string
  /** How it was put together, where it was. */
  assembled?: AssembledBlock
}

/** The same, decoded. */
export interface NewItem extends ReceivedItem, Pick<Way, 'sampled'>, Pick<OutboundItem, 'origin'> {
  key: string
  /** Whether this node had asked that peer for it. */
  isAnswer: boolean
  /** How many peers it is pushed to where it is large. */
  pushes: number
}

/** Decides what becomes of the items that peers send. */
export interface ItemImporter {
  /**
   * The outcome of an item. Notes in its `steps` when a block was judged and appended, where it knows.
   * Never throws, and never rejects.
   */
  judge: (received: ReceivedItem) => Outcome | Promise<Outcome>
}

/** Options of {@link Gossip}. */
export interface GossipInit extends Pick<DistributionInit, 'clock' | 'chance' | 'maxFrameBytes' | 'application' | 'onThrottled' | 'onCounted'>, TimelinesInit {
  /** How many peers may be ready at a time. */
  maxPeers: number
  /** Bounds the memory of seen items. */
  seen?: SeenBounds
  importer: ItemImporter
  /** Called with what becomes of an item, before an accepted one is relayed. */
  onOutcome: (message: BroadcastMessage, from: Session, outcome: Outcome) => void
  /** Called with an item that was met before, and its bytes. */
  onRepeated?: (type: RelayedType, bytes: number) => void
  /** Called with what becomes of a compact block. */
  onCompact?: ((outcome: CompactOutcome) => void) | undefined
  /** Called with bytes that are no such item. They are not relayed. */
  onRefused: (type: RelayedType, from: Session, error: DecodeError) => void
}

/** How much there is of what gossip keeps. */
export type GossipUsage = Pick<QueuesStatus, 'wanted' | 'wantedTransactions' | 'pendingBroadcasts'>
  & Pick<MemoryStatus, 'storedItems' | 'transactionPool' | 'compactBlocks' | 'seenDigests'>

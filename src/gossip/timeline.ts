import { bytesToHex } from '../util/bytes.ts'
import { datesOf } from '../util/dates.ts'
import { countTransactions } from '../codec/items/block.ts'
import type { WantedItem } from './fetch/announcer.ts'
import type { Block, Transaction } from '../types/block.ts'
import type { BroadcastMessage } from '../types/message.ts'
import type { BlockSteps, BlockTimeline, CompactStep, ItemSteps, TimelineStep, TransactionSteps, TransactionTimeline } from '../types/timeline.ts'
import type { Clock } from '../util/clock.ts'

/**
 * Of so many transactions, one has a timeline.
 *
 * @remarks The digest decides: all nodes have timelines of the same transactions.
 */
export const TRANSACTION_SAMPLE = 64

/** How an item has just come. */
export interface Arrival {
  message: BroadcastMessage
  /** Of the digest. */
  key: string
  /** Of the encoded item. */
  bytes: number
  /** The id of the peer that has sent it. */
  from: string
  /** What the node waited for, where it did. */
  wanted: WantedItem | undefined
  /** How the block was put together, where it was. */
  compact?: CompactStep | undefined
}

/** The steps of an item on its way: of each block, and of some transactions. */
export interface Way {
  steps?: BlockSteps | undefined
  sampled?: TransactionSteps | undefined
}

/** Options of {@link Timelines}. */
export interface TimelinesInit {
  clock: Clock
  /**
   * Called with the timeline of each accepted block of a peer, when it is relayed. `timeline` makes the record: call it only where
   * there is a use for it.
   */
  onTimeline?: (timeline: () => BlockTimeline) => void
  /** The same of transactions. Nothing of them is noted while {@link hasTransactionTimelines} is false. */
  onTransactionTimeline?: (timeline: () => TransactionTimeline) => void
  /** Whether there is a use for timelines of transactions now. False where it is absent. */
  hasTransactionTimelines?: () => boolean
}

/** Notes the ways of items into the node, and makes records of them. The steps go with the item: no table is kept. */
export class Timelines {
  readonly #init: TimelinesInit

  constructor (init: TimelinesInit) {
    this.#init = init
  }

  /** The way of an item that has come just now. The application may give its memory away later: nothing of the way is a view of it. */
  begin (arrival: Arrival): Way {
    const { message, key } = arrival

    if (message.type === 'newBlock') {
      return { steps: { ...this.#firstSteps(arrival), ...blockFacts(message.block), compact: arrival.compact } }
    }

    return this.#init.hasTransactionTimelines?.() === true && isSampled(key)
      ? { sampled: { ...this.#firstSteps(arrival), id: idOf(message.transaction) } }
      : NO_WAY
  }

  /** Takes note of a verdict that has come by now. */
  judged ({ steps, sampled }: Way): void {
    const way = steps ?? sampled

    if (way != null) {
      way.judged ??= this.#init.clock.now()
    }
  }

  /** Takes note of an accepted item that was relayed just now to so many peers. */
  relayed ({ steps, sampled }: Way, peers: number): void {
    const { clock, onTimeline, onTransactionTimeline } = this.#init

    if (steps != null) {
      onTimeline?.(() => timelineOfBlock(steps, peers, clock))
    } else if (sampled != null) {
      onTransactionTimeline?.(() => timelineOfTransaction(sampled, peers, clock))
    }
  }

  #firstSteps ({ bytes, from, wanted }: Arrival): ItemSteps {
    const received = { at: this.#init.clock.now(), peer: from }

    return { bytes, announced: wanted?.announced, asked: wanted?.answered, received, judged: undefined }
  }
}

const NO_WAY: Way = Object.freeze({})

/** Whether a transaction is one of those that have timelines: the first byte of its digest is as good as drawn. */
export function isSampled (key: string): boolean {
  return key.charCodeAt(0) % TRANSACTION_SAMPLE === 0
}

function blockFacts (block: Block): Omit<BlockSteps, keyof ItemSteps | 'compact'> {
  return { height: block.height, hash: new Uint8Array(block.hash), transactions: countTransactions(block), appended: undefined }
}

function idOf ({ id }: Transaction): Uint8Array {
  return new Uint8Array(id)
}

function timelineOfBlock (steps: BlockSteps, peers: number, clock: Clock): BlockTimeline {
  const date = datesOf(clock)
  const { height, hash, transactions, appended, compact } = steps
  const { relayed, ...others } = lastSteps(steps, peers, clock)

  return {
    ...{ height, hash: bytesToHex(hash), transactions },
    ...others,
    ...(compact == null ? {} : { compact: { ...compact, at: date(compact.at) } }),
    ...(appended == null ? {} : { appended: date(appended) }),
    relayed
  }
}

function timelineOfTransaction (steps: TransactionSteps, peers: number, clock: Clock): TransactionTimeline {
  return { id: bytesToHex(steps.id), ...lastSteps(steps, peers, clock) }
}

function lastSteps (steps: ItemSteps, peers: number, clock: Clock): Omit<TransactionTimeline, 'id'> {
  const date = datesOf(clock)
  const datedStep = ({ at, peer }: TimelineStep): TimelineStep => ({ at: date(at), peer })
  const now = clock.now()
  const { bytes, announced, asked, received, judged = now } = steps

  return {
    ...{ bytes, from: received.peer },
    ...(announced == null ? {} : { announced: datedStep(announced) }),
    ...(asked == null ? {} : { asked: datedStep(asked) }),
    received: datedStep(received),
    judged: date(judged),
    relayed: { at: date(now), peers }
  }
}

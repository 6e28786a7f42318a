import type { JoinedBlock, KnownTransaction } from './assembly.ts'
import type { WantedItem } from '../fetch/announcer.ts'
import type { Session } from '../../session/session.ts'
import type { CompactBlockMessage } from '../../types/message.ts'
import type { CompactStep } from '../../types/timeline.ts'
import type { Chance } from '../../util/chance.ts'
import type { Clock } from '../../util/clock.ts'

/** The bounds of an `Assembler`. */
export interface AssemblerBounds {
  blocks: number
  blocksOfPeer: number
  /** Of one block. */
  sources: number
  bytes: number
}

/** A compact block that has come. */
export interface ReceivedCompact {
  /** Of the block. */
  key: string
  message: CompactBlockMessage
  /** Of its frame. */
  bytes: number
  from: Session
}

/** A block that was put together. */
export interface AssembledBlock extends JoinedBlock {
  key: string
  /** The peer whose compact block it was. */
  from: Session
  /** What the node had waited for, where it had. */
  wanted: WantedItem | undefined
  /** The ids of peers that have the block too. */
  holders: readonly string[]
  /** How it was put together; its time is by the clock. */
  facts: CompactStep
}

/** What may become of a compact block. */
export const COMPACT_OUTCOMES = ['complete', 'asked', 'failed', 'unused'] as const

/** What became of a compact block: `unused` ones are too many, and count as announcements. */
export type CompactOutcome = typeof COMPACT_OUTCOMES[number]

/** A question for transactions of a compact block. */
export interface TransactionsQuestion {
  session: Session
  /** Of the block. */
  digest: Uint8Array
  indexes: readonly number[]
  signal: AbortSignal
  /** Takes the answer: as many transactions, or none. Returns what the reader waits for. */
  onTransactions: (transactions: readonly Uint8Array[]) => void
}

/** Options of {@link Assembler}. */
export interface AssemblerInit {
  clock: Clock
  chance: Chance
  /** How large a block may be. */
  maxItemBytes: number
  bounds?: AssemblerBounds
  /** The transactions that the node has. */
  known: () => Iterable<KnownTransaction>
  /** Asks a peer for transactions. Rejects where none come. */
  ask: (question: TransactionsQuestion) => Promise<void>
  /** How many bytes a peer has sent in this session. */
  receivedFrom: (id: string) => number
  /** Ends the wait for a block that has come from a peer. */
  endWait: (key: string, id: string) => WantedItem | undefined
  /** Takes note that a peer has answered the node's question for a block, which waits on. */
  noteAnswer: (key: string, id: string) => void
  /** Takes a block that was put together. Returns a promise where the verdict takes its time. Never rejects. */
  onAssembled: (block: AssembledBlock) => Promise<void> | undefined
  /** Called with a block that may have to come another way, and the ids of peers that have it, those that have failed first. */
  onFailed: (key: string, holders: readonly string[]) => void
  /** Called with a peer that has not sent transactions of its compact block. */
  onWithheld: (session: Session) => void
  onOutcome?: ((outcome: CompactOutcome) => void) | undefined
}

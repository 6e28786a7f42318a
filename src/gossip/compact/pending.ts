import { MAX_ANNOUNCERS } from '../fetch/announcer.ts'
import type { Assembly } from './assembly.ts'
import type { AssemblerBounds, ReceivedCompact } from './types.ts'
import type { WantedItem } from '../fetch/announcer.ts'
import type { Session } from '../../session/session.ts'
import type { Rate } from '../../types/limits.ts'
import type { Clock } from '../../util/clock.ts'

/**
 * Blocks that are put together from compact blocks at a time, those that are being judged among them.
 *
 * @remarks The node asks for further ones whole.
 */
export const MAX_ASSEMBLIES = 16

/**
 * Blocks of one peer that are put together at a time.
 *
 * @remarks The node asks for further ones whole.
 */
export const MAX_ASSEMBLIES_PER_PEER = 4

/**
 * Compact blocks of one block that are tried. Each costs a hash of every transaction that the node has.
 *
 * @remarks Further ones count as announcements.
 */
export const MAX_SOURCES = 3

/**
 * Bytes of the compact blocks that wait for transactions, and of blocks that were put together and are being judged.
 *
 * @remarks The node asks for further ones whole.
 */
export const MAX_ASSEMBLY_BYTES: number = 16 * 1024 * 1024

/**
 * Compact blocks of one peer that may come to nothing.
 *
 * @remarks The node asks that peer for whole blocks, but for one compact block in FAILED_COMPACT_BLOCK_MS.
 */
export const MAX_FAILED_COMPACT_BLOCKS = 8

/** The time after which the node forgets one compact block that came to nothing. */
export const FAILED_COMPACT_BLOCK_MS = 10_000

/** Both of these as a rate. */
export const FAILED_COMPACT_BLOCKS: Rate = { perSecond: 1000 / FAILED_COMPACT_BLOCK_MS, burst: MAX_FAILED_COMPACT_BLOCKS }

/**
 * How long a peer may take to send transactions of its compact block, unless it is sending.
 *
 * @remarks The peer has withheld them. The node asks for the whole block, other peers first.
 */
export const TRANSACTIONS_TIMEOUT_MS = 1000

/**
 * How long a node waits for the transactions of one compact block, unless its peer is sending. Then it asks for those that another one
 * lacks, and it asks others that have announced the block.
 */
export const NEXT_SOURCE_MS = 250

/** The bounds of a node. */
export const ASSEMBLER_BOUNDS: AssemblerBounds = {
  blocks: MAX_ASSEMBLIES, blocksOfPeer: MAX_ASSEMBLIES_PER_PEER, sources: MAX_SOURCES, bytes: MAX_ASSEMBLY_BYTES
}

/** A compact block that lacks transactions. */
export interface Source {
  readonly from: Session
  readonly assembly: Assembly
  /** Of its frame. */
  readonly bytes: number
  /** When it came, by the clock. */
  readonly at: number
  /** How many transactions the peer was asked for. */
  asked: number
  /** Ends the question; `undefined` where the peer was not asked. */
  controller: AbortController | undefined
  timer: unknown
  /** When the peer was asked, or has last shown that it is sending. */
  heldSince: number
  /** What the peer had sent by then, in bytes. */
  received: number
}

/** A block that is being put together, or being judged. */
export interface Pending {
  readonly key: string
  readonly wanted: WantedItem | undefined
  readonly sources: Source[]
  /** The ids of the peers whose compact blocks came to nothing. */
  readonly failed: string[]
  /** The ids of all peers that have sent a compact block of it. */
  readonly peers: Set<string>
  /** The ids of other peers that have it. */
  readonly holders: Set<string>
  /** Whether the node asks others for the block too. */
  isWaitedFor: boolean
  bytes: number
  isJoined: boolean
}

/** Begins a block. */
export function createPending (key: string, { wanted, isWaitedFor }: Pick<Pending, 'wanted' | 'isWaitedFor'>): Pending {
  const holders = new Set(wanted?.announcers.map(({ id }) => id))

  return { key, wanted, sources: [], failed: [], peers: new Set(), holders, isWaitedFor, bytes: 0, isJoined: false }
}

/** Begins with a compact block that came at `at`, by the clock. */
export function createSource ({ from, bytes }: ReceivedCompact, assembly: Assembly, at: number): Source {
  return { from, assembly, bytes, at, asked: 0, controller: undefined, timer: undefined, heldSince: 0, received: 0 }
}

/** Takes note of another peer that has a block. */
export function addHolder ({ holders }: Pending, id: string): void {
  if (holders.size < MAX_ANNOUNCERS) {
    holders.add(id)
  }
}

/** The ids of the peers that have a block, those whose compact blocks came to nothing first. */
export function holdersOf ({ failed, peers, holders }: Pending): string[] {
  return [...new Set([...failed, ...peers, ...holders])]
}

/** Blocks and peers for which the node remembers that it wants the whole block of that peer. The oldest makes room. */
export const MAX_WHOLE_WANTS = 256

/** How long it remembers that. */
export const WHOLE_WANTS_TTL_MS: number = 2 * 60 * 1000

/** The peers that are asked for a block as a whole, since their compact blocks came to nothing. */
export class WholeWants {
  readonly #clock: Clock
  /** Until when each counts, the oldest first. */
  readonly #expires = new Map<string, number>()

  constructor (clock: Clock) {
    this.#clock = clock
  }

  get size (): number { return this.#expires.size }

  add (key: string, id: string): void {
    const name = key + id
    this.#expires.delete(name)

    if (this.#expires.size >= MAX_WHOLE_WANTS) {
      const [oldest] = this.#expires.keys()
      this.#expires.delete(oldest!)
    }

    this.#expires.set(name, this.#clock.now() + WHOLE_WANTS_TTL_MS)
  }

  has (key: string, id: string): boolean {
    return (this.#expires.get(key + id) ?? 0) > this.#clock.now()
  }

  /** Whether any peer is asked for this block as a whole. */
  hasAny (key: string): boolean {
    const now = this.#clock.now()

    return [...this.#expires].some(([name, expires]) => name.startsWith(key) && expires > now)
  }
}

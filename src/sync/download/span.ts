import { isChild, tipOf } from '../chain/link.ts'
import { RequestError } from '../../errors.ts'
import type { RequestedSpan, SpanRequest } from './span-request.ts'
import type { Session } from '../../session/session.ts'
import type { Block, Tip } from '../../types/block.ts'
import type { ReceivedBlock } from '../../types/chain.ts'

/** Blocks that are handed out in one batch. */
export const MAX_BATCH_BLOCKS = 256

/** Bytes of blocks that are handed out in one batch, unless one alone is larger. */
export const MAX_BATCH_BYTES: number = 4 * 1024 * 1024

/** Blocks that one peer sent, in a row. */
export interface Batch {
  /** At least one, in ascending order, each linked to the one before. */
  blocks: ReceivedBlock[]
  /** The peer that sent them. */
  peer: Session
}

/** The most that {@link Span.take} takes. */
export interface BatchLimits {
  maxBlocks: number
  maxBytes: number
}

/**
 * Heights in a row that are asked for in one go, with the blocks that have come and were not taken yet. The blocks are linked to each
 * other; the taker checks whether the first follows what is before it.
 */
export class Span implements RequestedSpan {
  readonly startHeight: number
  /** The requests for it that are under way: one, or two where the first is late. */
  readonly requests: Set<SpanRequest> = new Set<SpanRequest>()
  /** When the last block came, by the clock. */
  progressAt = 0
  #endHeight: number
  readonly #waiting: { received: ReceivedBlock, peer: Session }[] = []
  #bytes = 0
  #last: Tip | undefined
  #next: number

  constructor (startHeight: number, endHeight: number) {
    this.startHeight = startHeight
    this.#endHeight = endHeight
    this.#next = startHeight
  }

  get endHeight (): number { return this.#endHeight }

  /** The height that is to come next. */
  get next (): number { return this.#next }

  /** Blocks that wait to be taken. */
  get waiting (): number { return this.#waiting.length }

  /** Bytes of the blocks that wait to be taken. */
  get bytes (): number { return this.#bytes }

  get isComplete (): boolean { return this.#next > this.#endHeight }

  /** Whether blocks are missing that are asked of no peer. */
  get isOpen (): boolean { return !this.isComplete && this.requests.size === 0 }

  /** The block that is taken next, where it has come, and the peer that sent it. */
  get first (): { block: Block, peer: Session } | undefined {
    const [entry] = this.#waiting

    return entry == null ? undefined : { block: entry.received.block, peer: entry.peer }
  }

  /** Adds a block where it is the next one. False where another peer was faster. Throws a RequestError where it is not linked. */
  push (received: ReceivedBlock, peer: Session): boolean {
    const { block, bytes } = received

    if (block.height !== this.#next) {
      return false
    }

    if (this.#last != null && !isChild(block, this.#last)) {
      throw new RequestError('UNLINKED', `block ${block.height} does not follow the one that another peer sent`)
    }

    this.#waiting.push({ received, peer })
    this.#bytes += bytes.byteLength
    this.#last = block
    this.#next++

    return true
  }

  /** Takes what waits, as far as one peer has sent it. At least one block has to wait. */
  take ({ maxBlocks = MAX_BATCH_BLOCKS, maxBytes = MAX_BATCH_BYTES }: Partial<BatchLimits> = {}): Batch {
    const { peer } = this.#waiting[0]!
    let count = 0
    let bytes = 0

    for (const entry of this.#waiting) {
      const total = bytes + entry.received.bytes.byteLength

      if (entry.peer !== peer || count === maxBlocks || (count > 0 && total > maxBytes)) {
        break
      }

      bytes = total
      count++
    }

    this.#bytes -= bytes

    const blocks = this.#waiting.splice(0, count).map(({ received }) => received)

    // the taker may give the memory of its blocks back
    if (this.#waiting.length === 0) {
      this.#last = tipOf(blocks.at(-1)!.block)
    }

    return { blocks, peer }
  }

  /** Drops what waits from the first block of this peer on. False where there is none. */
  dropFrom (peer: Session): boolean {
    const index = this.#waiting.findIndex((entry) => entry.peer === peer)

    if (index < 0) {
      return false
    }

    for (const { received } of this.#waiting.splice(index)) {
      this.#bytes -= received.bytes.byteLength
      this.#next--
    }

    // the taker checks the next block against what it has taken
    this.#last = this.#waiting.at(-1)?.received.block

    return true
  }

  /** Leaves everything above `height` to a new span, which is returned. */
  splitAfter (height: number): Span {
    const rest = new Span(height + 1, this.#endHeight)
    this.#endHeight = height

    return rest
  }
}

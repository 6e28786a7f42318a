import { isChild } from '../chain/link.ts'
import { MAX_RANGE_BLOCKS } from '../serve/server.ts'
import { SpanRequest } from '../download/span-request.ts'
import { FetchedBlock } from '../download/fetched-block.ts'
import { Deadline } from '../../util/deadline.ts'
import { decodeBlock } from '../../codec/items/items.ts'
import { RequestError } from '../../errors.ts'
import { budgetOf } from '../../session/limits/send-budget.ts'
import type { RequestedSpan } from '../download/span-request.ts'
import type { Clock } from '../../util/clock.ts'
import type { Session } from '../../session/session.ts'
import type { Block } from '../../types/block.ts'
import type { ReceivedBlock } from '../../types/chain.ts'

/** How long a peer may take over its branch before it has sent anything, and how far it may fall behind the least rate. */
export const BRANCH_PATIENCE_MS = 10_000

/** The least rate of a branch in blocks a second. {@link BRANCH_BYTES_PER_SECOND} will do too. */
export const BRANCH_BLOCKS_PER_SECOND = 32

/** The least rate of a branch in bytes a second. {@link BRANCH_BLOCKS_PER_SECOND} will do too. */
export const BRANCH_BYTES_PER_SECOND: number = 64 * 1024

/**
 * How long a peer may take over its branch in all.
 *
 * @remarks The node gives the branch up and distrusts the peer for a while.
 */
export const BRANCH_TIMEOUT_MS = 120_000

/** The size of one request: so many bytes, by the size of the last blocks, and so many blocks at first. */
const REQUEST_BYTES = 1024 * 1024
const FIRST_REQUEST_BLOCKS = 16

/** How often the node checks whether a peer may be asked again that was asked for as much as it takes, in ms. */
const BUDGET_CHECK_MS = 250

/** Options of {@link BranchFetch}. */
export interface BranchFetchInit {
  peer: Session
  /** The block below the first one. */
  common: Block
  clock: Clock
  signal: AbortSignal
}

/**
 * Fetches the blocks of one peer in order, a request at a time, as long as they come fast enough. Only the time counts that the
 * peer takes, and not what passes between two calls.
 */
export class BranchFetch {
  readonly #init: BranchFetchInit
  readonly #patience: Deadline
  readonly #end: Deadline
  #request: SpanRequest | undefined
  #late: RequestError | undefined
  /** The last block that came; the common ancestor before. */
  #last: Block
  /** The size of a block in the last answer. */
  #blockBytes = 0
  #asked = FIRST_REQUEST_BLOCKS / 2
  /** Blocks that are views of a frame and have been copied: given back when all of the frame was read. */
  readonly #copied: ReceivedBlock[] = []
  /** Since when no request is under way, by the clock. */
  #idleSince: number

  constructor (init: BranchFetchInit) {
    const { clock, common } = init
    this.#init = init
    this.#last = common
    this.#idleSince = clock.now()
    this.#patience = new Deadline({
      clock, timeout: BRANCH_PATIENCE_MS, onExpired: () => { this.#onLate(this.#patience, BRANCH_PATIENCE_MS) }
    })
    this.#end = new Deadline({ clock, timeout: BRANCH_TIMEOUT_MS, onExpired: () => { this.#onLate(this.#end, BRANCH_TIMEOUT_MS) } })
    this.#patience.start()
    this.#end.start()
  }

  /** The height that comes next. */
  get next (): number { return this.#last.height + 1 }

  /** Whether a request is under way. */
  get isBusy (): boolean { return this.#request != null }

  /**
   * The next blocks, up to `endHeight` and up to the one that exceeds `maxBytes`, in memory of their own. None where the peer has
   * no more. Throws the signal's reason, and a {@link RequestError} where they do not come, come too slowly or are not linked.
   */
  async fetch (endHeight: number, maxBytes: number): Promise<ReceivedBlock[]> {
    await this.#waitToAsk()
    const blocks: ReceivedBlock[] = []
    const { signal } = this.#init
    const onAbort = (): void => { this.#request?.giveUp() }
    this.#onBegin()
    signal.addEventListener('abort', onAbort)

    try {
      await this.#ask({ blocks, endHeight, maxBytes })
    } catch (err) {
      signal.throwIfAborted()

      if (this.#late != null) {
        throw this.#late
      }

      // given up because it has sent more than there is room for: what it sent is good
      if (this.#request?.isOver !== true) {
        throw err
      }
    } finally {
      signal.removeEventListener('abort', onAbort)
      this.#request = undefined
      this.#idleSince = this.#init.clock.now()
    }

    return blocks
  }

  /** Ends the request under way, and both deadlines. */
  stop (): void {
    this.#patience.stop()
    this.#end.stop()
    this.#request?.giveUp()
  }

  async #ask ({ blocks, endHeight, maxBytes }: { blocks: ReceivedBlock[], endHeight: number, maxBytes: number }): Promise<void> {
    const { peer, clock } = this.#init
    const budget = budgetOf(peer)
    const count = Math.min(endHeight - this.next + 1, this.#nextCount(), Math.max(1, budget.left('blocksAsked')))
    let bytesLeft = maxBytes

    const request = new SpanRequest({
      span: this.#spanFor(this.next + count - 1, (received) => { blocks.push(received) }), peer, startedAt: clock.now(), maxBlocks: count
    })

    budget.take('blocksAsked', count)
    this.#request = request
    this.#asked = count

    await request.send((count, bytes) => {
      this.#onBlocks(count, bytes)
      bytesLeft -= bytes

      if (bytesLeft <= 0 && request.left > 0) {
        request.giveUp()
      }
    })
  }

  #spanFor (endHeight: number, onBlock: (received: ReceivedBlock) => void): RequestedSpan {
    const next = this.next

    return {
      next,
      endHeight,
      isComplete: false,
      requests: new Set(),
      progressAt: 0,
      push: (received) => {
        if (!isChild(received.block, this.#last)) {
          throw new RequestError('UNLINKED', `block ${received.block.height} does not follow the block before`)
        }

        // the block is kept for long, and the frame that it came in may be far larger
        const bytes = Uint8Array.from(received.bytes)
        const block = decodeBlock(bytes)
        this.#copied.push(received)
        this.#last = block
        onBlock({ block, bytes })

        return true
      }
    }
  }

  #nextCount (): number {
    const most = this.#blockBytes === 0 ? MAX_RANGE_BLOCKS : Math.max(1, Math.floor(REQUEST_BYTES / this.#blockBytes))

    return Math.min(MAX_RANGE_BLOCKS, most, 2 * this.#asked)
  }

  #onBlocks (count: number, bytes: number): void {
    this.#copied.splice(0).forEach((received) => { FetchedBlock.release(received) })
    this.#blockBytes = count === 0 ? this.#blockBytes : bytes / count
    this.#patience.forgive(1000 * Math.max(count / BRANCH_BLOCKS_PER_SECOND, bytes / BRANCH_BYTES_PER_SECOND))
  }

  /** The time since the last answer was ours, and not the peer's. */
  #onBegin (): void {
    const idle = this.#init.clock.now() - this.#idleSince
    this.#patience.forgive(idle)
    this.#end.forgive(idle)
  }

  #onLate (deadline: Deadline, timeout: number): void {
    // no request is under way: it is not the peer that takes so long
    if (this.#request == null) {
      deadline.start()
      return
    }

    this.#late = new RequestError('TIMEOUT', `block ${this.next} of its branch took too long: more than ${timeout} ms`)
    this.#request.giveUp()
  }

  async #waitToAsk (): Promise<void> {
    const { peer, clock, signal } = this.#init

    while (!signal.aborted && !budgetOf(peer).isWorthwhile('blocksAsked')) {
      await new Promise<void>((resolve) => { clock.setTimeout(resolve, BUDGET_CHECK_MS) })
    }

    signal.throwIfAborted()
  }
}

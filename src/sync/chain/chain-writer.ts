import { chainError, CheckedChain, isInvalidBlock, isSame, MAX_VERIFY_MS } from './checked-chain.ts'
import { isChild } from './link.ts'
import { verifyBlocks } from './verification.ts'
import { TaskQueue } from '../../util/task-queue.ts'
import { NotRunningError, SyncError } from '../../errors.ts'
import type { Verified } from './verification.ts'
import type { Clock } from '../../util/clock.ts'
import type { Block, Tip } from '../../types/block.ts'
import type { Branch, ChainStore, ReceivedBlock } from '../../types/chain.ts'

/**
 * Writes that wait for the chain.
 *
 * @remarks The node ignores new blocks of peers and fetches them later.
 */
export const MAX_WAITING_WRITES = 64

/**
 * How long the node verifies blocks before it appends them.
 *
 * @remarks The node appends those that it has verified, and goes on with the rest.
 */
export const MAX_BATCH_MS = 250

/** The outcome of an append. */
export interface AppendResult {
  /** How many of the first blocks were part of the chain already. */
  skipped: number
  /** How many were appended after those. Where that is not all, `isMoved` and `invalid` say why, or {@link MAX_BATCH_MS} was over. */
  appended: number
  /** True where the blocks do not follow the tip: it has moved. */
  isMoved: boolean
  /** The first block that the chain refuses. Those before it have been appended. */
  invalid: { height: number, error: Error } | undefined
}

/** Takes the tip after a write, and how many blocks of the chain have made room for a branch. */
export type OnTip = (tip: Tip, dropped: number) => void

/** The outcome of an offered branch: `stale` where it does not begin on our chain, or not any more. */
export type Reorganisation = 'adopted' | 'refused' | 'stale'

type Written = Omit<AppendResult, 'skipped'>

const NOTHING: Written = { appended: 0, isMoved: false, invalid: undefined }
const MOVED: Written = { appended: 0, isMoved: true, invalid: undefined }

/**
 * Everything that the network writes to a chain: one write at a time. Where the chain fails, a {@link SyncError} with the code
 * `STORE` is thrown.
 */
export class ChainWriter {
  /** The same chain, for reading. */
  readonly chain: CheckedChain
  readonly #store: ChainStore
  readonly #clock: Clock
  readonly #onTip: OnTip
  readonly #queue = new TaskQueue()
  /** The block of the last tip that was read. */
  #head: Block | undefined

  /** `onTip` is called after a write, also where the chain has failed at it. It must not throw. */
  constructor (store: ChainStore, clock: Clock, onTip: OnTip = () => {}) {
    this.chain = new CheckedChain(store, clock)
    this.#store = store
    this.#clock = clock
    this.#onTip = onTip
  }

  /** Whether the chain can change over to a branch. */
  get canReorganise (): boolean { return this.#store.reorganise != null }

  /** Whether the chain may read the bytes of appended blocks later on. */
  get sharesMemory (): boolean { return this.#store.sharesMemory ?? true }

  /** Writes that wait for the chain. */
  get waiting (): number { return this.#queue.waiting }

  /** Refuses writes until {@link start}. A write that has begun goes on until it is done. */
  stop (): void {
    const why = 'Nothing is written to the chain any more'
    this.#queue.close(new SyncError('STORE', why, { cause: new NotRunningError(why) }))
  }

  /** Allows writes again. */
  start (): void {
    this.#queue.open()
  }

  /** Appends blocks that are linked to each other, after the writes before. Those that are part of the chain by then are left out. */
  async append (blocks: readonly ReceivedBlock[], signal?: AbortSignal): Promise<AppendResult> {
    return this.#queue.run(async () => this.#append(blocks), { signal })
  }

  /** As {@link append}, or `undefined` where MAX_WAITING_WRITES wait already. */
  tryAppend (blocks: readonly ReceivedBlock[]): Promise<AppendResult> | undefined {
    return this.#queue.waiting >= MAX_WAITING_WRITES ? undefined : this.append(blocks)
  }

  /**
   * Finds the first of linked blocks above `parent` that the chain calls invalid. It verifies a few at a time: writes that wait go
   * before the next few.
   */
  async verify (blocks: readonly ReceivedBlock[], parent: Block, signal?: AbortSignal): Promise<AppendResult['invalid']> {
    let invalid: AppendResult['invalid']
    let previous = parent

    for (let next = 0; this.chain.verifies && invalid == null && next < blocks.length;) {
      await this.#queue.run(async () => {
        const verified = await this.#verify(blocks.slice(next), previous, MAX_VERIFY_MS)
        invalid = verified.invalid
        next += verified.valid
        previous = blocks[next - 1]?.block ?? parent
      }, { signal, isPatient: true })
    }

    return invalid
  }

  /** Offers a branch when no other write waits. Throws what the chain throws. */
  async reorganise (branch: Branch, signal?: AbortSignal): Promise<Reorganisation> {
    return this.#queue.run(async () => {
      const { height } = branch.common
      const own = await this.chain.block(height)

      if (own == null || !isSame(own, branch.common)) {
        return 'stale'
      }

      const tip = await this.chain.tip()
      const isTaken = await this.#store.reorganise?.(branch) === true

      const after = isTaken ? await this.chain.tip() : tip

      if (isSame(after, tip)) {
        return 'refused'
      }

      this.#onTip(after, tip.height - height)

      return 'adopted'
    }, { signal, isPatient: true })
  }

  async #append (blocks: readonly ReceivedBlock[]): Promise<AppendResult> {
    const tip = await this.chain.tip()
    const skipped = blocks.findIndex(({ block }) => isSame(block, tip)) + 1
    const rest = blocks.slice(skipped)

    try {
      const written = rest.length === 0 ? NOTHING : await this.#appendTo(tip, rest)

      return { ...written, skipped }
    } catch (err) {
      const after = await this.chain.tip()
      this.#onTip(after, 0)

      // the tip has moved away from under these blocks, which may be why the write failed
      if (!isOneOf(after, tip, rest)) {
        return { ...MOVED, skipped }
      }

      throw err
    }
  }

  async #appendTo (tip: Tip, blocks: readonly ReceivedBlock[]): Promise<Written> {
    const first = blocks[0]!.block
    const parent = this.#head != null && isSame(this.#head, tip) ? this.#head : await this.chain.head(tip)
    this.#head = parent

    if (parent == null || !isChild(first, parent)) {
      return MOVED
    }

    const { invalid, valid } = await this.#verify(blocks, parent, MAX_BATCH_MS)
    const result = await this.#write(blocks.slice(0, valid), tip)

    return result.isMoved || result.invalid != null ? result : { ...result, invalid }
  }

  async #verify (blocks: readonly ReceivedBlock[], parent: Block, maxMs: number): Promise<Verified> {
    const { chain } = this

    return chain.verifies
      ? verifyBlocks(blocks, parent, { chain, clock: this.#clock, maxMs })
      : { invalid: undefined, valid: blocks.length }
  }

  async #write (blocks: readonly ReceivedBlock[], before: Tip): Promise<Written> {
    if (blocks.length === 0) {
      return NOTHING
    }

    try {
      await this.#store.append(blocks)
    } catch (err) {
      return this.#onRefused(blocks, before, err)
    }

    this.#onAppended(blocks)

    return { appended: blocks.length, isMoved: false, invalid: undefined }
  }

  async #onRefused (blocks: readonly ReceivedBlock[], before: Tip, err: unknown): Promise<Written> {
    const first = blocks[0]!.block.height

    if (!isInvalidBlock(err)) {
      throw chainError(`could not append blocks ${first} to ${blocks.at(-1)!.block.height}`, err)
    }

    const tip = await this.chain.tip()

    if (!isOneOf(tip, before, blocks)) {
      return MOVED
    }

    if (blocks.length === 1) {
      return { appended: 0, isMoved: false, invalid: { height: first, error: err } }
    }

    const appended = tip.height - before.height
    this.#onAppended(blocks.slice(0, appended))

    return this.#writeOneByOne(blocks.slice(appended), tip, appended)
  }

  /** The chain has refused some block of several, and does not say which. */
  async #writeOneByOne (blocks: readonly ReceivedBlock[], before: Tip, count: number): Promise<Written> {
    let tip = before
    let appended = count

    for (const received of blocks) {
      const result = await this.#write([received], tip)
      appended += result.appended
      tip = received.block

      if (result.appended === 0) {
        return { ...result, appended }
      }
    }

    return { appended, isMoved: false, invalid: undefined }
  }

  #onAppended (blocks: readonly ReceivedBlock[]): void {
    this.chain.noteAppended(blocks.map(({ block }) => block))
    const last = blocks.at(-1)?.block

    if (last != null) {
      this.#head = last
      this.#onTip(last, 0)
    }
  }
}

function isOneOf (tip: Tip, before: Tip, blocks: readonly ReceivedBlock[]): boolean {
  return isSame(tip, before) || blocks.some(({ block }) => isSame(block, tip))
}

import { isChainLeft } from '../chain/chain-gate.ts'
import { isSame } from '../chain/checked-chain.ts'
import { bytesEqual } from '../../util/bytes.ts'
import { Orphans } from './orphans.ts'
import { Attachment } from '../../util/attachment.ts'
import { decodeBlock } from '../../codec/items/items.ts'
import { errorMessage, SyncError } from '../../errors.ts'
import type { ChainWriter } from '../chain/chain-writer.ts'
import type { Orphan } from './orphans.ts'
import type { Clock } from '../../util/clock.ts'
import type { Usage } from '../../types/status.ts'
import type { Session } from '../../session/session.ts'
import type { Outcome, Verdict } from '../../types/handlers.ts'
import type { Awaitable } from '../../types/chain.ts'
import type { Block, Tip } from '../../types/block.ts'
import type { NewBlockMessage } from '../../types/message.ts'
import type { BlockSteps } from '../../types/timeline.ts'
import type { Logger } from '@libp2p/interface'

/** What of the sender of a block matters here. */
export type BlockSender = Pick<Session, 'id' | 'state' | 'noteHeight'>

/** A block that a peer has sent. */
export interface BlockOfPeer<Sender extends BlockSender = Session> {
  message: NewBlockMessage
  /** The encoded block. */
  item: Uint8Array
  from: Sender
  /** Its way into the node: takes when it was judged and appended. */
  steps?: BlockSteps | undefined
}

/** Options of {@link BlockImport}. */
export interface BlockImportInit<Sender extends BlockSender = Session> {
  writer: ChainWriter
  /** Asks the application for its verdict. Never throws, and never rejects. */
  validator: { judge: (message: NewBlockMessage, from: Sender) => Awaitable<Verdict> }
  clock: Clock
  log: Logger
  /** Takes what the chain has failed with. May not throw. */
  onStoreError: (error: unknown) => void
}

/** What follows from blocks elsewhere. None of it may throw. */
export interface BlockImportListener<Sender extends BlockSender = Session> {
  /** Has a block that waited judged once more. Resolves when that is done. */
  release: (held: BlockOfPeer<Sender>) => Awaitable<void>
  /** Lets a block that waited be judged again when it comes again. */
  forget: (item: Uint8Array) => void
  /** Takes the height of a block whose parent is not known, whether it waits or not, and of a block that the chain failed at. */
  onHeld: (from: Sender, height: number) => void
  /** Takes another block than ours at the height of our tip. */
  onRival: (from: Sender, block: Block) => void
  /** Takes a block that was appended. */
  onAppended: (from: Sender, block: Block) => void
}

/**
 * What becomes of the blocks that peers announce: one that follows our tip is shown to the application and appended, one that
 * came before its parent waits for it, and all others go no further.
 */
export class BlockImport<Sender extends BlockSender = Session> {
  readonly #init: BlockImportInit<Sender>
  readonly #orphans: Orphans<Sender>
  readonly #attachment = new Attachment<BlockImportListener<Sender>>()
  /** Set when the tip has moved and those that wait have not been looked at since. */
  #isGrown = false
  #isResuming = false
  /** How often the tip has moved. */
  #growths = 0

  constructor (init: BlockImportInit<Sender>) {
    this.#init = init
    this.#orphans = new Orphans({ clock: init.clock, onDropped: ({ item }) => { this.#attachment.listener.forget(item) } })
  }

  /** Has a listener told from now on. Once, and before the first block. */
  attach (listener: BlockImportListener<Sender>): void {
    this.#attachment.attach(listener)
  }

  /** Blocks that wait for their parents. */
  get held (): number { return this.#orphans.size }

  /** How much waits for its parents. */
  get usage (): Usage { return this.#orphans.usage }

  /** Decides about a block. Never rejects. */
  async judge (received: BlockOfPeer<Sender>): Promise<Outcome> {
    const { writer, validator, clock, log, onStoreError } = this.#init
    const { message, from, steps } = received
    const { block } = message

    try {
      const growths = this.#growths
      const location = this.#location(received, await writer.chain.tip())

      // its parent may have come while the tip was looked up
      if (location === 'held' && growths !== this.#growths) {
        this.onGrown()
      }

      if (location !== 'next') {
        return location
      }

      const verdict = await validator.judge(message, from)

      if (steps != null) {
        steps.judged = clock.now()
      }

      return verdict === 'accept' ? await this.#append(received) : verdict
    } catch (err) {
      if (!isChainLeft(err)) {
        log.error('could not take block %d of %s: %s - %e', block.height, from.id, errorMessage(err), err)
      }

      // it is fetched when the chain can be written again
      if (err instanceof SyncError) {
        onStoreError(err.cause ?? err)
        from.noteHeight(block.height)
        this.#attachment.listener.onHeld(from, block.height)
      }

      return 'ignore'
    }
  }

  /** Takes note of a tip that has moved: has the blocks judged that follow it, and forgets those that are of no use any more. */
  onGrown (): void {
    this.#growths++
    this.#isGrown = true

    if (!this.#isResuming && this.#orphans.size > 0) {
      void this.#resume()
    }
  }

  /** Takes note of a session that has ended. */
  onClosed (from: Sender): void {
    this.#orphans.dropOf(from)
  }

  /** Forgets everything that waits. */
  stop (): void {
    this.#orphans.clear()
  }

  /** Costs no more than comparing hashes: most of what is not `next` is not meant well, or late. */
  #location (received: BlockOfPeer<Sender>, tip: Tip): Outcome | 'next' {
    const { message: { block }, from } = received
    const { writer } = this.#init

    if (block.height > tip.height) {
      const isNext = block.height === tip.height + 1 && bytesEqual(block.prevHash, tip.hash)

      return isNext ? 'next' : this.#hold(received, tip)
    }

    if (isSame(block, tip) || writer.chain.has(block)) {
      return 'known'
    }

    if (block.height === tip.height) {
      from.noteHeight(block.height)
      this.#attachment.listener.onRival(from, block)
    }

    return 'ignore'
  }

  #hold ({ message: { block }, item, from, steps }: BlockOfPeer<Sender>, tip: Tip): Outcome {
    const { height, prevHash } = block
    // a session that has ended would not take back what it left here
    const isHeld = from.state !== 'closed' && this.#orphans.add({ height, prevHash, item, from, steps }, tip.height)
    from.noteHeight(height)
    this.#attachment.listener.onHeld(from, height)

    return isHeld ? 'held' : 'ignore'
  }

  async #append (received: BlockOfPeer<Sender>): Promise<Outcome> {
    const { writer, clock, log } = this.#init
    const { message: { block }, item, from, steps } = received
    const result = await writer.tryAppend([{ block, bytes: item }])

    if (result == null) {
      log('block %d of %s came while too much waited to be written', block.height, from.id)
      return 'ignore'
    }

    if (result.invalid != null) {
      log('block %d of %s is invalid: %s', block.height, from.id, result.invalid.error.message)
      return 'reject'
    }

    if (result.isMoved) {
      const location = this.#location(received, await writer.chain.tip())

      return location === 'next' ? 'ignore' : location
    }

    if (result.appended === 0) {
      return 'known'
    }

    if (steps != null) {
      steps.appended = clock.now()
    }

    this.#attachment.listener.onAppended(from, block)
    this.onGrown()

    return 'accept'
  }

  /** One at a time, and each as if it had just come: however many wait in a row, nothing is nested. */
  async #resume (): Promise<void> {
    const { writer, log } = this.#init
    this.#isResuming = true

    try {
      while (this.#isGrown && this.#orphans.size > 0) {
        this.#isGrown = false
        const { height, hash } = await writer.chain.tip()
        this.#orphans.dropUpTo(height)

        for (let orphan = this.#orphans.take(hash); orphan != null; orphan = this.#orphans.take(hash)) {
          await this.#judgeAgain(orphan)
        }
      }
    } catch (err) {
      log.error('could not go on with blocks that waited: %s - %e', errorMessage(err), err)
    } finally {
      this.#isResuming = false
    }
  }

  async #judgeAgain ({ item, from, steps }: Orphan<Sender>): Promise<void> {
    // it was decoded before
    await this.#attachment.listener.release({ message: { type: 'newBlock', block: decodeBlock(item) }, item, from, steps })
  }
}

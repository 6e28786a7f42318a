import { FetchedBlock } from '../download/fetched-block.ts'
import type { AppendResult, ChainWriter } from '../chain/chain-writer.ts'
import type { Feed } from './feed.ts'
import type { Session } from '../../session/session.ts'
import type { ReceivedBlock } from '../../types/chain.ts'

/**
 * Blocks that are appended in one go.
 *
 * @remarks The node calls `append` again with the next ones.
 */
export const MAX_APPEND_BLOCKS = 1024

/**
 * Bytes of blocks that are appended in one go, unless one alone is larger.
 *
 * @remarks The node calls `append` again with the next ones.
 */
export const MAX_APPEND_BYTES: number = 8 * 1024 * 1024

/** Options of {@link Extension}. */
export interface ExtensionInit {
  writer: Pick<ChainWriter, 'append' | 'sharesMemory'>
  feed: Pick<Feed, 'next' | 'cancel'>
  signal: AbortSignal
  /** Called with blocks that have become part of the chain, in order. */
  onAppended: (blocks: readonly SentBlock[]) => void
}

/** A block, and the peer that sent it. */
export interface SentBlock {
  received: ReceivedBlock
  peer: Session
}

/** A block that our chain has refused. */
export interface RefusedBlock {
  peer: Session
  height: number
  error: Error
}

/** How an {@link Extension} has ended. */
export interface ExtensionEnd {
  /** Why the feed has failed. What it gave before has been appended. */
  error: unknown
  /** True where the tip has moved meanwhile: the next blocks do not follow it. */
  isMoved: boolean
  /** The first block that our chain has refused. */
  invalid: RefusedBlock | undefined
}

/**
 * Extends our chain with the blocks of a feed. Each write has the blocks that came during the last one, and no more are in memory
 * than the next write takes. Used once.
 */
export class Extension {
  readonly #init: ExtensionInit
  readonly #collected: SentBlock[] = []
  #bytes = 0
  #reading: Promise<void> | undefined
  #writing: Promise<void> | undefined
  /** The feed has no more. */
  #isFed = false
  #isOver = false
  #isEnded = false
  readonly #end: ExtensionEnd = { error: undefined, isMoved: false, invalid: undefined }
  /** The blocks that have come and were not written are of no use. */
  #isBroken = false
  #writeError: unknown
  /** The last block that was written: the next one is checked against it. */
  #last: ReceivedBlock | undefined

  constructor (init: ExtensionInit) {
    this.#init = init
  }

  /** Ends it early. A write that has begun goes on until it is done. */
  end (): void {
    this.#isEnded = true
    void this.#init.feed.cancel()
  }

  /** Goes on until the feed has ended. Throws where the chain fails, and the signal's reason. */
  async run (): Promise<ExtensionEnd> {
    const { feed, signal } = this.#init

    try {
      while (!signal.aborted && !this.#isBroken && !this.#isEnded) {
        this.#write()
        this.#read()
        const underWay = [this.#reading, this.#writing].filter((task) => task != null)

        if (underWay.length === 0) {
          break
        }

        await Promise.race(underWay)
      }
    } finally {
      this.#isOver = true
      await Promise.all([feed.cancel(), this.#reading, this.#writing])
    }

    signal.throwIfAborted()

    if (this.#writeError != null) {
      throw this.#writeError as Error
    }

    return this.#end
  }

  #read (): void {
    if (this.#reading != null || this.#isFed || this.#collected.length >= MAX_APPEND_BLOCKS || this.#bytes >= MAX_APPEND_BYTES) {
      return
    }

    this.#reading = this.#init.feed.next().then((batch) => {
      this.#isFed = batch == null

      for (const received of batch?.blocks ?? []) {
        this.#collected.push({ received, peer: batch!.peer })
        this.#bytes += received.bytes.byteLength
      }
    }, (err: unknown) => {
      this.#isFed = true
      // to be cancelled is no failure
      this.#end.error = this.#isOver || this.#isEnded ? undefined : err
    }).finally(() => { this.#reading = undefined })
  }

  #write (): void {
    if (this.#writing != null || this.#collected.length === 0) {
      return
    }

    const blocks = this.#take()

    this.#writing = this.#init.writer.append(blocks.map(({ received }) => received), this.#init.signal).then((result) => {
      this.#onWritten(blocks, result)
    }, (err: unknown) => {
      this.#isBroken = true
      this.#writeError = err
    }).finally(() => { this.#writing = undefined })
  }

  /** As many of the collected blocks as may be written in one go. */
  #take (): SentBlock[] {
    let count = 0
    let bytes = 0

    for (const { received } of this.#collected) {
      if (count === MAX_APPEND_BLOCKS || (count > 0 && bytes + received.bytes.byteLength > MAX_APPEND_BYTES)) {
        break
      }

      bytes += received.bytes.byteLength
      count++
    }

    this.#bytes -= bytes

    return this.#collected.splice(0, count)
  }

  #onWritten (blocks: readonly SentBlock[], { isMoved, invalid, skipped, appended }: AppendResult): void {
    const done = blocks.slice(0, skipped + appended)

    // the chain takes its time: what it has not verified is next
    if (!isMoved && invalid == null) {
      const rest = blocks.slice(done.length)
      this.#collected.unshift(...rest)
      this.#bytes += rest.reduce((bytes, { received }) => bytes + received.bytes.byteLength, 0)
    }

    if (done.length > 0) {
      this.#init.onAppended(done)
      this.#release(done)
    }

    if (invalid != null) {
      const { peer } = blocks.find(({ received }) => received.block.height === invalid.height)!
      this.#end.invalid = { peer, ...invalid }
    }

    this.#end.isMoved = isMoved
    this.#isBroken = isMoved || invalid != null
  }

  /** Gives back the memory of the blocks written before the last one, where the chain shares no memory with us. */
  #release (written: readonly SentBlock[]): void {
    if (this.#init.writer.sharesMemory) {
      return
    }

    for (const { received } of written) {
      if (this.#last != null) {
        FetchedBlock.release(this.#last)
      }

      this.#last = received
    }
  }
}

import { RecentHashes } from './recent-hashes.ts'
import { VibeCoinError } from '../errors.ts'
import type { CheckedChain } from './checked-chain.ts'
import type { RefusedBlock, SentBlock } from './extension.ts'
import type { Feed } from './feed.ts'
import type { Session } from '../peer/handler.ts'
import type { Block } from '../types/block.ts'
import type { Branch, ReceivedBlock } from '../types/chain.ts'
import type { Tip } from '../types/node-info.ts'

/** What {@link SyncBranch} is made with. */
export interface SyncBranchInit {
  chain: Pick<CheckedChain, 'verify'>
  common: Block
  height: number
  /** Begins to fetch what is above `common`. */
  createFeed: () => Feed
  /** Called with each block that is given out. */
  onTaken: (received: ReceivedBlock) => void
}

/** A branch as it is offered to a chain: nothing is fetched before it is asked for, and nothing after the offer has ended. */
export class SyncBranch implements Branch {
  readonly common: Tip
  readonly height: number
  readonly blocks: AsyncIterable<ReceivedBlock>
  /** The last blocks that were given out. */
  readonly taken: RecentHashes = new RecentHashes()
  readonly #init: SyncBranchInit
  #feed: Feed | undefined
  #isTaken = false
  #isOver = false
  #failure: unknown
  #refused: RefusedBlock | undefined

  constructor (init: SyncBranchInit) {
    this.#init = init
    this.common = { height: init.common.height, hash: init.common.hash }
    this.height = init.height
    this.blocks = { [Symbol.asyncIterator]: () => this.#begin() }
  }

  /** What the taker of the blocks was thrown. */
  get failure (): unknown { return this.#failure }

  /** The block that the chain does not find valid. */
  get refused (): RefusedBlock | undefined { return this.#refused }

  /** Peers that are to send something now. */
  get busyPeers (): number { return this.#feed?.busyPeers ?? 0 }

  /** Ends the offer: whoever still takes blocks finds no more. */
  async end (): Promise<void> {
    this.#isOver = true
    await this.#feed?.leave()
  }

  #begin (): AsyncGenerator<ReceivedBlock, void, undefined> {
    if (this.#isTaken) {
      throw new VibeCoinError('The blocks of a branch can be taken once')
    }

    this.#isTaken = true

    return this.#give()
  }

  async * #give (): AsyncGenerator<ReceivedBlock, void, undefined> {
    if (this.#isOver) {
      return
    }

    const feed = this.#init.createFeed()
    this.#feed = feed
    let parent = this.#init.common

    try {
      for await (const { received, peer } of eachBlock(feed)) {
        // it may have ended while the last one was with the taker
        if (this.#isOver) {
          return
        }

        await this.#check(received, { parent, peer })
        parent = received.block
        yield received
      }
    } catch (err) {
      if (!this.#isOver) {
        this.#failure = err
        throw err
      }
    } finally {
      await feed.leave()
    }
  }

  async #check (received: ReceivedBlock, { parent, peer }: { parent: Block, peer: Session }): Promise<void> {
    const { block } = received
    const error = await this.#init.chain.verify(block, parent)

    if (error != null) {
      this.#refused = { peer, height: block.height, error }
      throw error
    }

    this.taken.push(block)
    this.#init.onTaken(received)
  }
}

async function * eachBlock (feed: Feed): AsyncGenerator<SentBlock> {
  for (let batch = await feed.next(); batch != null; batch = await feed.next()) {
    for (const received of batch.blocks) {
      yield { received, peer: batch.peer }
    }
  }
}

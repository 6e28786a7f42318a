import { RecentHashes } from '../chain/recent-hashes.ts'
import { VibeCoinError } from '../../errors.ts'
import type { Branch, ReceivedBlock } from '../../types/chain.ts'
import type { Tip } from '../../types/block.ts'

/** What {@link SyncBranch} is made with. */
export interface SyncBranchInit {
  common: Tip
  /** What is above it, verified; at least one. */
  blocks: readonly ReceivedBlock[]
  /** Called with each block that is given out. */
  onTaken: (received: ReceivedBlock) => void
}

/** A branch as it is offered to a chain, which waits for nobody: its blocks are in memory. */
export class SyncBranch implements Branch {
  readonly common: Tip
  readonly height: number
  readonly blocks: AsyncIterable<ReceivedBlock>
  /** The last blocks that were given out. */
  readonly taken: RecentHashes = new RecentHashes()
  readonly #init: SyncBranchInit
  #isTaken = false
  #isOver = false

  constructor (init: SyncBranchInit) {
    this.#init = init
    this.common = { height: init.common.height, hash: init.common.hash }
    this.height = init.blocks.at(-1)!.block.height
    this.blocks = { [Symbol.asyncIterator]: () => this.#begin() }
  }

  /** Ends the offer: whoever still takes blocks finds no more. */
  end (): void {
    this.#isOver = true
  }

  #begin (): AsyncGenerator<ReceivedBlock, void, undefined> {
    if (this.#isTaken) {
      throw new VibeCoinError('The blocks of a branch can be taken once')
    }

    this.#isTaken = true

    return this.#give()
  }

  async * #give (): AsyncGenerator<ReceivedBlock, void, undefined> {
    for (const received of this.#init.blocks) {
      // it may have ended while the last one was with the taker
      if (this.#isOver) {
        return
      }

      this.taken.push(received.block)
      this.#init.onTaken(received)
      yield received
    }
  }
}

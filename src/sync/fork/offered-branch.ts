import { RecentHashes } from '../chain/recent-hashes.ts'
import { VibeCoinError } from '../../errors.ts'
import type { Branch, ReceivedBlock } from '../../types/chain.ts'
import type { Tip } from '../../types/block.ts'

/** Options of {@link OfferedBranch}. */
export interface OfferedBranchInit {
  common: Tip
  /** The blocks above it, verified; at least one. */
  blocks: readonly ReceivedBlock[]
  /** Called with each block that the application takes. */
  onTaken: (received: ReceivedBlock) => void
}

/** A branch as the application's `reorganise` gets it. Its blocks are in memory: the chain waits for no peer. */
export class OfferedBranch implements Branch {
  readonly common: Tip
  readonly height: number
  readonly blocks: AsyncIterable<ReceivedBlock>
  /** The last blocks that the application took. */
  readonly taken: RecentHashes = new RecentHashes()
  readonly #init: OfferedBranchInit
  #isTaken = false
  #isOver = false

  constructor (init: OfferedBranchInit) {
    this.#init = init
    this.common = { height: init.common.height, hash: init.common.hash }
    this.height = init.blocks.at(-1)!.block.height
    this.blocks = { [Symbol.asyncIterator]: () => this.#begin() }
  }

  /** Ends the offer: an application that still takes blocks finds no more. */
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
      // the offer may have ended while the application had the last block
      if (this.#isOver) {
        return
      }

      this.taken.push(received.block)
      this.#init.onTaken(received)
      yield received
    }
  }
}

import { MAX_BLOCK_TRANSACTIONS } from './rules.ts'
import type { Block, Verdict } from '../index.ts'
import type { ChainDb } from './chain-db.ts'
import type { Mempool } from './mempool.ts'
import type { Rules } from './rules.ts'

/** What a {@link BlockMaker} is made with. */
export interface BlockMakerInit {
  chain: Pick<ChainDb, 'head'>
  mempool: Pick<Mempool, 'first'>
  rules: Pick<Rules, 'makeBlock'>
  follower: {
    readonly catchingUp: boolean
    append: (block: Block) => Promise<{ verdict: Verdict, reason?: string }>
  }
  /** A block was made and is in the chain. */
  onBlock: (block: Block) => void
}

/**
 * Makes the blocks of a test network out of what waits in the mempool.
 */
export class BlockMaker {
  readonly #init: BlockMakerInit

  constructor (init: BlockMakerInit) {
    this.#init = init
  }

  /**
   * Makes one block, also where nothing waits. Makes none while the chain is behind the network: it would be a second
   * block of its height. Throws where the chain does not take it.
   */
  async make (timestamp: number = Date.now()): Promise<void> {
    const { chain, mempool, rules, follower, onBlock } = this.#init

    if (follower.catchingUp) {
      return
    }

    const block = rules.makeBlock(chain.head, mempool.first(MAX_BLOCK_TRANSACTIONS), timestamp)
    const { verdict, reason } = await follower.append(block)

    if (verdict === 'reject') {
      throw new Error(`Block ${block.height} was made against the rules: ${reason ?? ''}`)
    }

    if (verdict === 'accept') {
      onBlock(block)
    }
  }
}

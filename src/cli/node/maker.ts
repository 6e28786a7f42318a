import { encodeBlock } from '../../index.ts'
import { MAX_BLOCK_TRANSACTIONS } from './rules.ts'
import type { Block } from '../../index.ts'
import type { ChainDb } from '../chain/chain.ts'
import type { Mempool } from './mempool.ts'
import type { Rules } from './rules.ts'

/** Options of {@link BlockMaker}. */
export interface BlockMakerInit {
  chain: Pick<ChainDb, 'head' | 'verify' | 'append'>
  mempool: Pick<Mempool, 'first'>
  rules: Pick<Rules, 'makeBlock'>
  /** Whether the network has a longer chain. */
  isBehind: () => boolean
  /** Called when a block was made and is in the chain. */
  onBlock: (block: Block) => void
}

/** Makes the blocks of a test network from the mempool. */
export class BlockMaker {
  readonly #init: BlockMakerInit

  constructor (init: BlockMakerInit) {
    this.#init = init
  }

  /**
   * Makes one block, also from an empty mempool. Makes none while the chain is behind the network: it would be a second block of its
   * height. Throws where the chain does not take it.
   */
  async make (timestamp: number = Date.now()): Promise<void> {
    const { chain, mempool, rules, isBehind, onBlock } = this.#init

    if (isBehind()) {
      return
    }

    const parent = chain.head
    const block = rules.makeBlock(parent, mempool.first(MAX_BLOCK_TRANSACTIONS), timestamp)
    await chain.verify(block, parent)

    try {
      await chain.append([{ block, bytes: encodeBlock(block) }])
    } catch (err) {
      if (chain.head === parent) {
        throw err
      }

      // a block of the network was faster
      return
    }

    onBlock(block)
  }
}

import assert from 'node:assert/strict'
import { encodeBlock } from '../../src/index.ts'
import type { Block, ChainStore, ReceivedBlock, Tip } from '../../src/index.ts'

/** How many blocks are kept: more than anybody misses while it restarts, and as many after an hour as after a minute. */
export const KEPT_BLOCKS = 32

/** The last blocks of a chain, in memory. */
export class BoundedChain implements ChainStore {
  readonly #blocks = new Map<number, Uint8Array>()
  #head: Block

  constructor (genesis: Block) {
    this.#head = genesis
    this.#blocks.set(genesis.height, encodeBlock(genesis))
  }

  get head (): Block { return this.#head }

  tip (): Tip {
    return { height: this.#head.height, hash: this.#head.hash }
  }

  get (height: number): Uint8Array | undefined {
    return this.#blocks.get(height)
  }

  append (blocks: readonly ReceivedBlock[]): void {
    for (const { block, bytes } of blocks) {
      assert.deepEqual(block.prevHash, this.#head.hash, 'appended without a link')
      this.#head = block
      this.#blocks.set(block.height, bytes.slice())
      this.#blocks.delete(block.height - KEPT_BLOCKS)
    }
  }
}

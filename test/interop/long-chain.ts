import assert from 'node:assert/strict'
import { encodeBlock } from '../../src/index.ts'
import { GENESIS_HASH } from '../integration/nodes.ts'
import { peerChain } from './peer-process.ts'
import type { Block, ChainStore, ReceivedBlock, Tip } from '../../src/index.ts'

/** A chain that keeps hashes alone, so that it can be long: blocks as `peerChain` makes them, all with the same proof. */
export class LongChain implements ChainStore {
  readonly #blocks: Block[]
  /** Of the blocks that were appended. */
  bytes = 0

  constructor (length: number, proofBytes = 0) {
    const proof = new Uint8Array(proofBytes).fill(7)
    this.#blocks = peerChain(GENESIS_HASH, length).map((block) => block.height === 0 ? block : { ...block, proof })
  }

  /** Bytes of the blocks above the genesis block. */
  get size (): number {
    return this.#blocks.slice(1).reduce((sum, block) => sum + encodeBlock(block).byteLength, 0)
  }

  tip (): Tip {
    const { height, hash } = this.#blocks.at(-1)!

    return { height, hash }
  }

  get (height: number): Uint8Array | undefined {
    const block = this.#blocks[height]

    return block == null ? undefined : encodeBlock(block)
  }

  /** Takes every block. */
  verify (): void {}

  append (blocks: readonly ReceivedBlock[]): void {
    for (const { block, bytes } of blocks) {
      assert.deepEqual([block.height, block.prevHash], [this.tip().height + 1, this.tip().hash])
      this.bytes += bytes.byteLength
      this.#blocks.push({ ...block, hash: block.hash.slice(), proof: new Uint8Array() })
    }
  }
}

import assert from 'node:assert/strict'
import { encodeBlock } from '../../src/codec/items/items.ts'
import { InvalidBlockError } from '../../src/errors.ts'
import { sampleBlock, sampleBlockHash, sampleHash } from './sample.ts'
import type { Awaitable, Branch, ChainStore, ReceivedBlock } from '../../src/types/chain.ts'
import type { Block, Tip } from '../../src/types/block.ts'

/**
 * A chain in memory. Valid is what `sampleChain` makes: blocks whose hash is that of their content. The longer of two
 * branches wins, and of two equally long ones that with the smaller hash at its end.
 */
export class MemoryChain implements ChainStore {
  readonly blocks: Block[]
  /** Every call of `append`, by the heights of its blocks. */
  readonly appended: number[][] = []
  /** Branches that were offered, by the height of the last common block and that of the branch's last block. */
  readonly branches: { common: number, height: number, adopted: boolean }[] = []

  verify: NonNullable<ChainStore['verify']> = (block) => { this.check(block) }

  constructor (blocks: readonly Block[]) {
    assert(blocks.length > 0, 'a chain has a genesis block')
    this.blocks = [...blocks]
  }

  get head (): Block {
    return this.blocks.at(-1)!
  }

  tip (): Tip {
    return { height: this.head.height, hash: this.head.hash }
  }

  get (height: number): Uint8Array | undefined {
    const block = this.blocks[height]

    return block == null ? undefined : encodeBlock(block)
  }

  append (blocks: readonly ReceivedBlock[]): Awaitable<void> {
    this.push(blocks)
  }

  /** What `verify` does, for a test that has one of its own. */
  check (block: Block): void {
    if (Buffer.compare(block.hash, sampleBlockHash(block)) !== 0) {
      throw new InvalidBlockError(`The hash of block ${block.height} is not that of its content`)
    }
  }

  /** What `append` does, for a test that has one of its own. */
  push (blocks: readonly ReceivedBlock[]): void {
    for (const { block } of blocks) {
      assert.equal(block.height, this.head.height + 1, 'appended out of order')
      assert.deepEqual(block.prevHash, this.head.hash, 'appended without a link')
      this.blocks.push(block)
    }

    this.appended.push(blocks.map(({ block }) => block.height))
  }

  async reorganise ({ common, blocks }: Branch): Promise<boolean> {
    const branch: Block[] = []

    for await (const { block } of blocks) {
      branch.push(block)
    }

    const last = branch.at(-1)
    const adopted = last != null && (last.height > this.head.height ||
      (last.height === this.head.height && Buffer.compare(last.hash, this.head.hash) < 0))
    this.branches.push({ common: common.height, height: last?.height ?? common.height, adopted })

    if (adopted) {
      this.blocks.splice(common.height + 1, Infinity, ...branch)
    }

    return adopted
  }
}

/**
 * `blocks` and `count` more on top of them, a little larger than `bytes` each. The same for the same `fork`, and different from the
 * first new one on for another.
 */
export function growChain (blocks: readonly Block[], count: number, fork: string, bytes?: number): Block[] {
  const grown = [...blocks]

  for (let i = 0; i < count; i++) {
    const parent = grown.at(-1)!
    const block = sampleBlock({
      height: parent.height + 1,
      hash: new Uint8Array(32),
      prevHash: parent.hash,
      stateRoot: sampleHash(`${fork} state ${parent.height + 1}`),
      transactions: [],
      ...bytes == null ? {} : { proof: new Uint8Array(bytes) }
    })
    block.hash = sampleBlockHash(block)
    grown.push(block)
  }

  return grown
}

/** A block of a peer as it comes. */
export function received (block: Block): ReceivedBlock {
  return { block, bytes: new Uint8Array(encodeBlock(block)) }
}

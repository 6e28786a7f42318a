import { decodeBlock, encodeBlock, InvalidBlockError } from 'vibecoin-network'
import type { Block, ChainStore, ReceivedBlock, Tip } from 'vibecoin-network'

/** How many of the latest blocks a page keeps. Earlier ones it neither shows nor serves. */
export const KEPT_BLOCKS = 10_000

/** What {@link PageChain} is made with. */
export interface PageChainInit {
  genesis: Block
  /** What the hash of a block has to be. Who may make blocks is for the rules of a real chain. */
  hashOf: (block: Block) => Uint8Array
  onAppend?: (block: Block) => void
  /** Called with the height above which the blocks leave the chain, before others take their place. */
  onDrop?: (height: number) => void
}

/** A chain in the memory of a page, which the network keeps in step. */
export class PageChain implements ChainStore {
  readonly #init: PageChainInit
  /** Encoded: this is how they come and go, and takes the least memory. */
  readonly #blocks = new Map<number, Uint8Array>()
  #head: Block

  constructor (init: PageChainInit) {
    this.#init = init
    this.#head = init.genesis
    this.#blocks.set(init.genesis.height, encodeBlock(init.genesis))
  }

  tip (): Tip {
    return { height: this.#head.height, hash: this.#head.hash }
  }

  get (height: number): Uint8Array | undefined {
    return this.#blocks.get(height)
  }

  verify (block: Block): void {
    const hash = this.#init.hashOf(block)

    if (!hash.every((byte, i) => byte === block.hash[i])) {
      throw new InvalidBlockError(`The hash of block ${block.height} is not that of its content`)
    }
  }

  append (blocks: readonly ReceivedBlock[]): void {
    for (const { block, bytes } of blocks) {
      // a copy: what comes from a peer is a view of something larger
      this.#blocks.set(block.height, bytes.slice())
      this.#blocks.delete(block.height - KEPT_BLOCKS)
      this.#head = block
      this.#init.onAppend?.(block)
    }
  }

  /** Takes the longer branch. Its blocks are small enough here to be held until all of them are there. */
  async reorganise ({ common, blocks }: Parameters<NonNullable<ChainStore['reorganise']>>[0]): Promise<boolean> {
    const branch: ReceivedBlock[] = []

    for await (const received of blocks) {
      branch.push({ block: received.block, bytes: received.bytes.slice() })
    }

    const isLonger = common.height + branch.length > this.#head.height

    if (isLonger) {
      for (let height = this.#head.height; height > common.height; height--) {
        this.#blocks.delete(height)
      }

      this.#init.onDrop?.(common.height)
      this.append(branch)
    }

    return isLonger
  }

  /** The latest blocks, the last one first. */
  latest (count: number): Block[] {
    const latest: Block[] = []

    for (let height = this.#head.height; latest.length < count; height--) {
      const bytes = this.#blocks.get(height)

      if (bytes == null) {
        break
      }

      latest.push(decodeBlock(bytes))
    }

    return latest
  }
}

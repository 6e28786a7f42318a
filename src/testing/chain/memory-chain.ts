import { ChainFaultError, ChainFaults } from './chain-faults.ts'
import { nextBlock, sampleBlockHash, sampleChain } from './sample.ts'
import { encodeBlock } from '../../codec/items/items.ts'
import { refuseUnknown } from '../../config/unknown-option.ts'
import { ConfigError, InvalidBlockError } from '../../errors.ts'
import { bytesEqual, compareBytes } from '../../util/bytes.ts'
import { systemClock } from '../../util/clock.ts'
import type { ChainFault } from './chain-faults.ts'
import type { GrowOptions } from './sample.ts'
import type { Awaitable, Branch, ChainStore, ReceivedBlock } from '../../types/chain.ts'
import type { Block, Tip } from '../../types/block.ts'
import type { Clock } from '../../util/clock.ts'

/** Options of {@link MemoryChain}. */
export interface MemoryChainInit {
  /** How many blocks it has room for, from 1. With more it is full, and throws what a full disk throws. @default Infinity */
  maxBlocks?: number
  /** How many of the last blocks it can serve, besides block 0: the others are pruned. @default Infinity */
  keep?: number
  /**
   * Which of two equally long branches wins: the one with the smaller hash at its end, on every node, or the one that the chain had
   * first. @default 'smaller-hash'
   */
  ties?: 'smaller-hash' | 'first-seen'
  /** What the delays of a slow chain are measured with. */
  clock?: Clock
}

const OPTIONS: Record<keyof MemoryChainInit, true> = { maxBlocks: true, keep: true, ties: true, clock: true }

/** A branch that was offered to a {@link MemoryChain}. */
export interface OfferedBranch {
  /** The height of the last common block. */
  common: number
  /** The height of the branch's last block. */
  height: number
  /** Whether the chain went over to it. */
  adopted: boolean
}

/**
 * A chain in memory, for tests. Valid is what {@link sampleChain} and {@link growChain} make: blocks whose hash is that of their content.
 * The longer of two branches wins, and of two equally long ones that with the smaller hash at its end, or the own one: see `ties`.
 *
 * It can be mined on, forked, and made to fail: see `mine`, `fork` and `break`.
 */
export class MemoryChain implements ChainStore {
  /** Its blocks, by height. */
  readonly blocks: Block[]
  /** Every call of `append`, by the heights of its blocks. */
  readonly appended: number[][] = []
  /** Branches that were offered, in their order. */
  readonly branches: OfferedBranch[] = []

  verify: (block: Block, parent: Block, bytes?: Uint8Array) => Awaitable<void> = (block) => {
    return this.#faults.run('verify', () => { this.check(block) })
  }

  /** The first block after block 0 that it has. Not there where nothing is pruned. */
  readonly lowestHeight?: () => number

  readonly #init: MemoryChainInit
  readonly #faults: ChainFaults

  /** `blocks` begin with block 0. Throws a `ConfigError` where there is none. */
  constructor (blocks: readonly Block[] = sampleChain(1), init: MemoryChainInit = {}) {
    refuseUnknown(init, Object.keys(OPTIONS))
    const { maxBlocks = Infinity, keep = Infinity, ties = 'smaller-hash' } = init

    if (blocks.length === 0 || blocks[0]!.height !== 0) {
      throw new ConfigError('Expected `blocks` to begin with block 0')
    }

    if (!(maxBlocks >= 1 && keep >= 1)) {
      throw new ConfigError('Expected `maxBlocks` and `keep` to be numbers from 1')
    }

    if (ties !== 'smaller-hash' && ties !== 'first-seen') {
      throw new ConfigError('Expected `ties` to be "smaller-hash" or "first-seen"')
    }

    this.blocks = [...blocks]
    this.#init = init
    this.#faults = new ChainFaults(init.clock ?? systemClock)

    if (keep < Infinity) {
      this.lowestHeight = () => Math.max(0, this.blocks.length - keep)
    }
  }

  /** Its best block. */
  get head (): Block {
    return this.blocks.at(-1)!
  }

  tip (): Tip {
    return { height: this.head.height, hash: this.head.hash }
  }

  get (height: number): Awaitable<Uint8Array | undefined> {
    return this.#faults.run('get', () => this.read(height))
  }

  append (blocks: readonly ReceivedBlock[]): Awaitable<void> {
    return this.#faults.run('append', () => { this.push(blocks) })
  }

  reorganise (branch: Branch): Awaitable<boolean> {
    return this.#faults.run('reorganise', async () => this.#reorganise(branch))
  }

  /** What `get` does, for a test that has one of its own. */
  read (height: number): Uint8Array | undefined {
    const block = height > 0 && height < (this.lowestHeight?.() ?? 0) ? undefined : this.blocks[height]

    return block == null ? undefined : encodeBlock(block)
  }

  /** What `verify` does, for a test that has one of its own. */
  check (block: Block): void {
    if (!bytesEqual(block.hash, sampleBlockHash(block))) {
      throw new InvalidBlockError(`The hash of block ${block.height} is not that of its content`)
    }
  }

  /** What `append` does, for a test that has one of its own. */
  push (blocks: readonly ReceivedBlock[]): void {
    for (const { block } of blocks) {
      if (block.height !== this.head.height + 1 || !bytesEqual(block.prevHash, this.head.hash)) {
        throw new ChainFaultError('EUNLINKED', `Block ${block.height} was appended, which does not follow block ${this.head.height}`)
      }

      this.#reserve(this.blocks.length + 1)
      this.blocks.push(block)
    }

    this.appended.push(blocks.map(({ block }) => block.height))
  }

  /** Makes a block on top and appends it, as a miner does. Broadcast it, or have peers fetch it. Nothing here fails but a full chain. */
  mine (fork = 'mined', options?: GrowOptions): Block {
    const block = nextBlock(this.head, fork, options)
    this.#reserve(this.blocks.length + 1)
    this.blocks.push(block)

    return block
  }

  /** A chain of its own that has the same blocks up to `height`, and `count` others on top: the same ones for the same `name`. */
  fork (height: number, count = 0, name = 'fork'): MemoryChain {
    const forked = new MemoryChain(this.blocks.slice(0, height + 1), this.#init)

    for (let i = 0; i < count; i++) {
      forked.mine(name)
    }

    return forked
  }

  /** The height of the last block that both chains have; -1 where they have none in common. */
  commonHeight ({ blocks }: Pick<MemoryChain, 'blocks'>): number {
    const differs = this.blocks.findIndex(({ hash }, height) => blocks[height] == null || !bytesEqual(blocks[height].hash, hash))

    return differs === -1 ? this.blocks.length - 1 : differs - 1
  }

  /** Makes it slow, full, hang or throw. Returns what ends that. Several faults may hold at a time. */
  break (fault: ChainFault): () => void {
    return this.#faults.begin(fault)
  }

  /** Ends all faults. */
  repair (): void {
    this.#faults.endAll()
  }

  #reserve (count: number): void {
    const { maxBlocks = Infinity } = this.#init

    if (count > maxBlocks) {
      throw new ChainFaultError('ENOSPC', `The chain has room for ${maxBlocks} blocks`)
    }
  }

  #winsTie ({ hash }: Block): boolean {
    return this.#init.ties !== 'first-seen' && compareBytes(hash, this.head.hash) < 0
  }

  async #reorganise ({ common, blocks }: Branch): Promise<boolean> {
    const branch: Block[] = []

    for await (const { block } of blocks) {
      branch.push(block)
    }

    const last = branch.at(-1)
    const adopted = last != null && (last.height > this.head.height || (last.height === this.head.height && this.#winsTie(last)))
    this.branches.push({ common: common.height, height: last?.height ?? common.height, adopted })

    if (adopted) {
      this.#reserve(last.height + 1)
      this.blocks.splice(common.height + 1, Infinity, ...branch)
    }

    return adopted
  }
}

import { blockKey, checkHash } from './ledger.ts'
import type { Ledger } from './ledger.ts'
import type { Process } from '../time/process.ts'
import type { Block, Tip } from '../../../types/block.ts'
import type { Branch, ChainStore, ReceivedBlock } from '../../../types/chain.ts'

/** Options of {@link SimulatedChain}. */
export interface SimulatedChainInit {
  ledger: Ledger
  /** What the verification of a block takes, in ms for each byte of it. */
  costPerByte: number
  /** How many of its last blocks it has, beside genesis; `Infinity` where it has all. */
  keep: number
  /** Whether its own branch stays where another one is as long. */
  keepsOwnBranch: boolean
  /** The run of the node that verifies now. */
  process: () => Process | undefined
  /** Called with each block that the chain has taken. */
  onBlock: (block: Block) => void
}

/**
 * The chain of a simulated node, which outlives the runs of the node as one on disk does. Of two branches the longer one wins, and of two
 * equally long ones that with the smaller hash at its end, or its own.
 */
export class SimulatedChain implements ChainStore {
  readonly #init: SimulatedChainInit
  readonly #blocks: ReceivedBlock[]
  #reorganisations = 0

  constructor (init: SimulatedChainInit) {
    this.#init = init
    this.#blocks = [init.ledger.genesis]
  }

  /** How often the chain has gone over to a branch. */
  get reorganisations (): number {
    return this.#reorganisations
  }

  /** The height of its tip. */
  get height (): number {
    return this.#blocks.length - 1
  }

  tip (): Tip {
    const { height, hash } = this.#blocks.at(-1)!.block

    return { height, hash }
  }

  lowestHeight (): number {
    return Math.max(0, this.#blocks.length - this.#init.keep)
  }

  get (height: number): Uint8Array | undefined {
    return height > 0 && height < this.lowestHeight() ? undefined : this.#blocks[height]?.bytes
  }

  /** Whether a block is on the chain. */
  has ({ height, hash }: Tip): boolean {
    const found = this.#blocks[height]?.block

    return found != null && blockKey(found) === blockKey({ hash })
  }

  async verify (block: Block): Promise<void> {
    checkHash(block)
    const bytes = block.transactions.reduce((sum, { data }) => sum + data.byteLength, 0)
    await this.#init.process()?.work(bytes * this.#init.costPerByte)
  }

  append (blocks: readonly ReceivedBlock[]): void {
    for (const received of blocks) {
      const tip = this.tip()

      if (received.block.height !== tip.height + 1 || blockKey({ hash: received.block.prevHash }) !== blockKey(tip)) {
        throw new Error(`Block ${received.block.height} does not follow the tip ${tip.height}`)
      }

      this.#take(received)
    }
  }

  async reorganise ({ common, blocks }: Branch): Promise<boolean> {
    const branch: ReceivedBlock[] = []

    for await (const { block, bytes } of blocks) {
      branch.push(this.#init.ledger.share({ block, bytes }))
    }

    const last = branch.at(-1)?.block

    if (last == null || !this.#isBetter(last) || !this.has(common)) {
      return false
    }

    this.#reorganisations++
    this.#blocks.length = common.height + 1
    branch.forEach((received) => { this.#take(received) })

    return true
  }

  /** Whether a branch with this end wins over the chain. */
  #isBetter (end: Tip): boolean {
    const tip = this.tip()

    return end.height === tip.height ? !this.#init.keepsOwnBranch && blockKey(end) < blockKey(tip) : end.height > tip.height
  }

  #take (received: ReceivedBlock): void {
    const shared = this.#init.ledger.share(received)
    this.#blocks.push(shared)
    this.#init.onBlock(shared.block)
  }
}

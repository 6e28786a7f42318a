import type { Shape } from './blocks.ts'
import type { ChainSource, ChainStore } from '../../../src/index.ts'

/** Where the two halves of a synchronisation have their chains. */
export interface Store {
  /** All of the chain, to be served. */
  open: (shape: Shape) => Promise<ChainSource>
  /** The genesis block, and room for the others. */
  create: () => Promise<Target>
}

/** A chain that is filled. */
export interface Target {
  chain: ChainStore
  /** Bytes of blocks that were appended so far, in all runs. */
  count: () => number
  /** Goes back to the genesis block. */
  reset: () => Promise<void>
}

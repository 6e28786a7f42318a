import { memoryStore } from './memory-store.ts'
import { sync } from './ours.ts'
import { NO_LIMITS } from '../limits.ts'
import type { Store } from './store.ts'
import type { Transfer } from '../transfer.ts'

/** What a server answers each request with, in blocks. */
const ANSWER_BLOCKS = 7

/** Blocks that one peer is served in a second: enough for what is measured, but to be used up by asking for what does not come. */
const RATE = { perSecond: 100_000, burst: 100_000 }

/** A chain that ends each range after a few blocks. */
const shortStore: Store = {
  ...memoryStore,
  open: async (shape) => {
    const chain = await memoryStore.open(shape)

    return { ...chain, range: (startHeight, endHeight) => chain.range!(startHeight, Math.min(endHeight, startHeight + ANSWER_BLOCKS - 1)) }
  }
}

const LIMITS = { rateLimits: { ...NO_LIMITS.rateLimits, blocksAsked: RATE } }

/** This package from a server that answers short. */
export const syncShort: Transfer = sync(shortStore, LIMITS)

/** The same from one that answers in full. */
export const syncFull: Transfer = sync(memoryStore, LIMITS)

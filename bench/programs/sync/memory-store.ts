import { encodedBlocks, GENESIS, tipOf } from './blocks.ts'
import { encodeBlock } from '../../../src/index.ts'
import type { Store } from './store.ts'
import type { Tip } from '../../../src/index.ts'

/** Blocks in memory at the one end; at the other, what is appended is counted and let go. */
export const memoryStore: Store = {
  open: async (shape) => {
    const blocks = [encodeBlock(GENESIS), ...encodedBlocks(shape)]
    const tip = tipOf(blocks.at(-1)!)

    return {
      tip: () => tip,
      get: (height) => blocks[height],
      range: (startHeight, endHeight) => blocks.slice(startHeight, endHeight + 1)
    }
  },

  create: async () => {
    const genesis = encodeBlock(GENESIS)
    let last = genesis
    let tip: Tip = GENESIS
    let count = 0

    return {
      chain: {
        sharesMemory: false,
        tip: () => tip,
        get: (height) => height === tip.height ? last : undefined,
        append: (blocks) => {
          for (const { bytes } of blocks) {
            count += bytes.byteLength
          }

          const { bytes } = blocks.at(-1)!
          last = new Uint8Array(bytes)
          tip = tipOf(last)
        }
      },
      count: () => count,
      reset: async () => {
        last = genesis
        tip = GENESIS
      }
    }
  }
}

import type { BlockSource } from './serve.ts'
import type { ChainSource, StoredBlock } from '../types/chain.ts'

/** A chain as a source of blocks to serve. Without a chain there are none. */
export function readChain (chain: ChainSource | undefined): BlockSource {
  return {
    block: async ({ height }) => chain?.get(height),
    range: ({ startHeight, endHeight }) => {
      if (chain == null) {
        return []
      }

      return chain.range?.(startHeight, endHeight) ?? getEach(chain, startHeight, endHeight)
    }
  }
}

async function * getEach (chain: ChainSource, startHeight: number, endHeight: number): AsyncGenerator<StoredBlock> {
  for (let height = startHeight; height <= endHeight; height++) {
    const block = await chain.get(height)

    if (block == null) {
      return
    }

    yield block
  }
}

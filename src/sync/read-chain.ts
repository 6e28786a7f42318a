import { isChild, tipOf } from './link.ts'
import { decodeBlock } from '../codec/items.ts'
import type { BlockSource } from './serve.ts'
import type { ChainSource, StoredBlock } from '../types/chain.ts'
import type { Tip } from '../types/node-info.ts'

/** A chain as a source of blocks to serve. Without a chain there are none. */
export function readChain (chain: ChainSource | undefined): BlockSource {
  return {
    block: async ({ height }) => chain?.get(height),
    range: ({ startHeight, endHeight }) => {
      if (chain == null) {
        return []
      }

      return chain.range?.(startHeight, endHeight) ?? getEach(chain, startHeight, endHeight)
    },
    sharesMemory: () => chain?.sharesMemory ?? true
  }
}

/** One after the other, while the chain may change over to a branch: what does not follow the block before ends it. */
async function * getEach (chain: ChainSource, startHeight: number, endHeight: number): AsyncGenerator<StoredBlock> {
  let previous: Tip | undefined

  for (let height = startHeight; height <= endHeight; height++) {
    const stored = await chain.get(height)

    if (stored == null) {
      return
    }

    const block = stored instanceof Uint8Array ? decodeBlock(stored) : stored

    if (previous != null && !isChild(block, previous)) {
      return
    }

    // the memory of the block may be given back when it was sent
    previous = tipOf(block)
    yield stored
  }
}

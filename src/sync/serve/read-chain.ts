import { isSame } from '../chain/checked-chain.ts'
import { isChild, tipOf } from '../chain/link.ts'
import { readStored, toServed } from './stored-block.ts'
import { StorageError } from '../../errors.ts'
import type { ServedBlock, UncheckedSource } from './stored-block.ts'
import type { ChainSource } from '../../types/chain.ts'
import type { Tip } from '../../types/block.ts'

/** The source of served blocks that reads a chain. Without a chain it has none. */
export function readChain (chain: ChainSource | undefined): UncheckedSource {
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

/**
 * Reads one block after the other. The chain may change over to a branch meanwhile: a block that does not follow the one before ends the
 * range. Throws a {@link StorageError} where the chain has a gap or a broken link.
 */
async function * getEach (chain: ChainSource, startHeight: number, endHeight: number): AsyncGenerator<ServedBlock> {
  let previous: Tip | undefined

  for (let height = startHeight; height <= endHeight; height++) {
    const stored = await chain.get(height)
    const block = stored == null ? undefined : toServed(stored, height)

    if (block == null || (previous != null && !isChild(block.links, previous))) {
      await checkEnd(chain, previous)
      return
    }

    // the server may give the memory of the block back when it was sent
    previous = tipOf(block.links)
    yield block
  }
}

/** Throws where the chain still has the last block that was given, and goes on above it, but not with a block that follows it. */
async function checkEnd (chain: ChainSource, last: Tip | undefined): Promise<void> {
  if (last == null || (await chain.tip()).height <= last.height || !await has(chain, last)) {
    return
  }

  const next = await chain.get(last.height + 1)

  // read once more: the chain may have changed over between the two reads
  if ((next == null || !isChild(readStored(next, last.height + 1), last)) && await has(chain, last)) {
    throw new StorageError(`The chain goes on above block ${last.height}, and has no block that follows it`)
  }
}

async function has (chain: ChainSource, block: Tip): Promise<boolean> {
  const stored = await chain.get(block.height)

  return stored != null && isSame(readStored(stored, block.height), block)
}

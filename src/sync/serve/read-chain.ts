import { isSame } from '../chain/checked-chain.ts'
import { isChild, tipOf } from '../chain/link.ts'
import { readAgain } from './read-again.ts'
import { ReadAhead } from './read-ahead.ts'
import { readStored, toServed } from './stored-block.ts'
import { isPromise } from '../chain/chain-calls.ts'
import { StorageError } from '../../errors.ts'
import type { SharedReads } from './read-ahead.ts'
import type { ServedBlock, UncheckedSource } from './stored-block.ts'
import type { ChainSource, StoredBlock } from '../../types/chain.ts'
import type { Tip } from '../../types/block.ts'
import type { Clock } from '../../util/clock.ts'

/** The source of served blocks that reads a chain. Without a chain it has none. */
export function readChain (chain: ChainSource | undefined, clock: Clock): UncheckedSource {
  const shared = chain == null ? undefined : { chain, clock, ahead: 0 }

  return {
    block: async ({ height }) => chain?.get(height),
    range: ({ startHeight, endHeight }) => {
      if (shared == null) {
        return []
      }

      return shared.chain.range?.(startHeight, endHeight) ?? getEach(shared, { startHeight, endHeight })
    },
    sharesMemory: () => chain?.sharesMemory ?? true
  }
}

/**
 * Calls `get` for each block. The chain may change over to a branch meanwhile: a block that does not follow the one before ends the
 * range. Throws a {@link StorageError} where the chain has a gap or a broken link.
 */
async function * getEach (shared: SharedReads, range: { startHeight: number, endHeight: number }): AsyncGenerator<ServedBlock> {
  const reads = new ReadAhead(shared, range)
  let previous: Tip | undefined

  try {
    for (let height = range.startHeight; height <= range.endHeight; height++) {
      let stored: StoredBlock | undefined

      try {
        const given = reads.take()
        stored = isPromise(given) ? await given : given
      } catch (err) {
        stored = await getAgain(shared, { height, error: err, isFirst: previous == null })
      }

      const block = stored == null ? undefined : toServed(stored, height)

      if (block == null || (previous != null && !isChild(block.links, previous))) {
        await checkEnd(shared.chain, previous)
        return
      }

      // the server may give the memory of the block back when it was sent
      previous = tipOf(block.links)
      reads.onBlock(block.bytes.byteLength)
      yield block
    }
  } finally {
    reads.end()
  }
}

/** The block at a height where the read has failed with an error. Throws that for the first of a range: the server begins it once more. */
async function getAgain (
  { chain, clock }: SharedReads, { height, error, isFirst }: { height: number, error: unknown, isFirst: boolean }
): Promise<StoredBlock | undefined> {
  if (isFirst) {
    throw error
  }

  let hasFailed = false

  return readAgain(() => {
    if (!hasFailed) {
      hasFailed = true
      throw error
    }

    return chain.get(height)
  }, { clock })
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

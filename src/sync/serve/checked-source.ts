import { isChild, tipOf } from '../chain/link.ts'
import { encodeStored, readStored } from './stored-block.ts'
import { StorageError } from '../../errors.ts'
import type { BlockSource } from './server.ts'
import type { Block, Tip } from '../../types/block.ts'
import type { StoredBlock } from '../../types/chain.ts'

/**
 * Wraps a source so that it gives only what may be sent: encoded blocks of the heights that were asked for, each linked to the one
 * before. For anything else it throws a {@link StorageError}: a peer would ban this node for it.
 */
export function checkedSource (source: BlockSource): BlockSource {
  return {
    block: async (request, peer) => {
      const stored = await source.block(request, peer)

      return stored == null ? undefined : check(stored, request.height).bytes
    },
    range: async (request, peer) => checkEach(await source.range(request, peer), request.startHeight),
    sharesMemory: (type) => source.sharesMemory(type)
  }
}

async function * checkEach (
  blocks: AsyncIterable<StoredBlock> | Iterable<StoredBlock>, startHeight: number
): AsyncGenerator<Uint8Array, void, undefined> {
  let height = startHeight
  let previous: Tip | undefined

  for await (const stored of blocks) {
    const { block, bytes } = check(stored, height)

    if (previous != null && !isChild(block, previous)) {
      throw new StorageError(`The chain gave a block ${height} that does not follow block ${height - 1}`)
    }

    // the server may give the memory of the block back when it was sent
    previous = tipOf(block)
    height++
    yield bytes
  }
}

function check (stored: StoredBlock, height: number): { block: Block, bytes: Uint8Array } {
  // the bytes first: an object from an application without types may be anything
  const bytes = encodeStored(stored, height)

  return { block: readStored(stored, height), bytes }
}

import { isChild, tipOf } from '../chain/link.ts'
import { toServed } from './stored-block.ts'
import { StorageError } from '../../errors.ts'
import type { BlockSource } from './server.ts'
import type { ServedBlock, UncheckedSource } from './stored-block.ts'
import type { Tip } from '../../types/block.ts'
import type { StoredBlock } from '../../types/chain.ts'

/**
 * Wraps a source so that it gives only what may be sent: encoded blocks of the heights that were asked for, each linked to the one
 * before. For anything else it throws a {@link StorageError}: a peer would ban this node for it.
 */
export function checkedSource (source: UncheckedSource): BlockSource {
  return {
    block: async (request, peer) => {
      const stored = await source.block(request, peer)

      return stored == null ? undefined : toServed(stored, request.height).bytes
    },
    range: async (request, peer) => {
      const blocks = await source.range(request, peer)
      const check = new RangeCheck(request.startHeight)

      // what is in memory is checked without a turn of the queue of promises for each block
      return Symbol.asyncIterator in blocks ? checkEach(blocks, check) : checkAll(blocks, check)
    },
    sharesMemory: (type) => source.sharesMemory(type)
  }
}

type Given = StoredBlock | ServedBlock

async function * checkEach (blocks: AsyncIterable<Given>, check: RangeCheck): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const stored of blocks) {
    yield check.take(stored)
  }
}

function * checkAll (blocks: Iterable<Given>, check: RangeCheck): Generator<Uint8Array, void, undefined> {
  for (const stored of blocks) {
    yield check.take(stored)
  }
}

/** Checks the blocks of one range. */
class RangeCheck {
  #height: number
  #previous: Tip | undefined

  constructor (startHeight: number) {
    this.#height = startHeight
  }

  /** The bytes of the next block. */
  take (stored: Given): Uint8Array {
    const { bytes, links } = toServed(stored, this.#height)

    if (this.#previous != null && !isChild(links, this.#previous)) {
      throw new StorageError(`The chain gave a block ${this.#height} that does not follow block ${this.#height - 1}`)
    }

    // the server may give the memory of the block back when it was sent
    this.#previous = tipOf(links)
    this.#height++

    return bytes
  }
}

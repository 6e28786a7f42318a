import type { Awaitable, StoredBlock } from '../../types/chain.ts'

/**
 * Calls `take` with one block after the other until it gives `false`. What a source has at once costs no turn of the queue of promises
 * for each block, which would be a sixth of all that it takes to serve a small one.
 */
export async function eachBlock (
  source: AsyncIterable<StoredBlock> | Iterable<StoredBlock>, take: (block: StoredBlock) => Awaitable<boolean>
): Promise<void> {
  if (Symbol.asyncIterator in source) {
    for await (const block of source) {
      if (!await take(block)) {
        return
      }
    }

    return
  }

  for (const block of source) {
    const goesOn = take(block)

    if (goesOn !== true && !await goesOn) {
      return
    }
  }
}

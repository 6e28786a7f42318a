import { encodedBlocks, shapeOf } from './blocks.ts'
import { decodeBlock } from '../../../src/index.ts'
import { MAX_APPEND_BYTES } from '../../../src/sync/run/extension.ts'
import type { Store, Target } from './store.ts'
import type { Transfer } from '../transfer.ts'
import type { ReceivedBlock } from '../../../src/index.ts'

/** What a store takes where nothing else is done: the same blocks, from memory, in batches as large as they can be. */
export function writesTo (store: Store): Transfer {
  return {
    receive: async (options) => {
      const batches = batchesOf([...encodedBlocks(shapeOf(options))].map((bytes) => ({ block: decodeBlock(bytes), bytes })))
      const target = await store.create()
      const stopping = new AbortController()
      const writing = writeAll(target, batches, stopping.signal)

      return {
        address: '',
        count: target.count,
        stop: async () => {
          stopping.abort()
          await writing
        }
      }
    },

    send: async (_, signal) => {
      await new Promise((resolve) => { signal.addEventListener('abort', resolve, { once: true }) })
    }
  }
}

async function writeAll ({ chain, reset }: Target, batches: readonly ReceivedBlock[][], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    for (const batch of batches) {
      await chain.append(batch)
      // a store that writes in this thread would leave no time to be asked for its counts
      await new Promise((resolve) => { setImmediate(resolve) })
    }

    await reset()
  }
}

function batchesOf (blocks: readonly ReceivedBlock[]): ReceivedBlock[][] {
  const batches: ReceivedBlock[][] = []
  let left = 0

  for (const received of blocks) {
    if (left < received.bytes.byteLength) {
      batches.push([])
      left = MAX_APPEND_BYTES
    }

    batches.at(-1)!.push(received)
    left -= received.bytes.byteLength
  }

  return batches
}

import { encodedBlocks, shapeOf } from './blocks.ts'
import { levelStore } from './level-store.ts'
import { decodeBlock } from '../../../src/index.ts'
import { MAX_APPEND_BYTES } from '../../../src/sync/run/extension.ts'
import type { Transfer } from '../transfer.ts'
import type { ReceivedBlock } from '../../../src/index.ts'

/** What LevelDB takes where nothing else is done: the same blocks, from memory, in batches as large as they can be. */
export const levelWrites: Transfer = {
  receive: async (options) => {
    const batches = batchesOf([...encodedBlocks(shapeOf(options))].map((bytes) => ({ block: decodeBlock(bytes), bytes })))
    const target = await levelStore.create()
    const stopping = new AbortController()

    const write = async (): Promise<void> => {
      while (!stopping.signal.aborted) {
        for (const batch of batches) {
          await target.chain.append(batch)
        }

        await target.reset()
      }
    }

    const writing = write()

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

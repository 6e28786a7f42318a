import { encodedBlocks, GENESIS } from './blocks.ts'
import { BlockTable, READ_BLOCKS } from './sqlite-table.ts'
import { checkLinks } from '../../../src/cli/chain/layout.ts'
import { decodeBlock, encodeBlock } from '../../../src/index.ts'
import type { Store } from './store.ts'
import type { Block, ReceivedBlock } from '../../../src/index.ts'

/** The chain of the command on SQLite, with what that has to say for itself: pages of a block's size, and a log that is synced. */
export const sqliteStore: Store = {
  open: async (shape) => {
    const chain = new SqliteChain()
    let batch: ReceivedBlock[] = []

    for (const bytes of encodedBlocks(shape)) {
      batch.push({ block: decodeBlock(bytes), bytes })

      if (batch.length === 64) {
        chain.append(batch)
        batch = []
      }
    }

    return chain
  },

  create: async () => {
    let current = new SqliteChain()
    let count = 0

    return {
      chain: {
        sharesMemory: false,
        tip: () => current.tip(),
        get: (height) => current.get(height),
        range: (first, last) => current.range(first, last),
        append: (blocks) => {
          current.append(blocks)
          count += blocks.reduce((sum, { bytes }) => sum + bytes.byteLength, 0)
        }
      },
      count: () => count,
      reset: async () => {
        const { remove } = current
        current = new SqliteChain()
        remove()
      }
    }
  }
}

/** Blocks by their heights. An append is on the disk when it returns. */
class SqliteChain {
  readonly sharesMemory = false
  readonly #table = new BlockTable()
  #head: Block = GENESIS

  constructor () {
    this.#table.put(0, [encodeBlock(GENESIS)])
  }

  tip (): Pick<Block, 'height' | 'hash'> { return this.#head }

  get (height: number): Uint8Array | undefined { return this.#table.rows(height, height)[0] }

  * range (first: number, last: number): Generator<Uint8Array, void, undefined> {
    for (let at = first; at <= last; at += READ_BLOCKS) {
      yield * this.#table.rows(at, Math.min(last, at + READ_BLOCKS - 1))
    }
  }

  append (blocks: readonly ReceivedBlock[]): void {
    checkLinks(blocks, this.#head)
    this.#table.put(blocks[0]!.block.height, blocks.map(({ bytes }) => bytes))
    this.#head = decodeBlock(new Uint8Array(blocks.at(-1)!.bytes))
  }

  readonly remove = (): void => { this.#table.remove() }
}

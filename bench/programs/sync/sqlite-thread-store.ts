import { Worker } from 'node:worker_threads'
import { encodedBlocks, GENESIS } from './blocks.ts'
import { READ_BLOCKS } from './sqlite-table.ts'
import { checkLinks } from '../../../src/cli/chain/layout.ts'
import { decodeBlock, encodeBlock } from '../../../src/index.ts'
import type { Answer, Question } from './sqlite-thread.ts'
import type { Store } from './store.ts'
import type { Block, ReceivedBlock } from '../../../src/index.ts'

/** The chain of `sqlite-store.ts` with SQLite in a thread of its own: the node goes on while it writes. */
export const sqliteThreadStore: Store = {
  open: async (shape) => {
    const chain = new ThreadChain()
    let batch: ReceivedBlock[] = []

    for (const bytes of encodedBlocks(shape)) {
      batch.push({ block: decodeBlock(bytes), bytes })

      if (batch.length === 64) {
        await chain.append(batch)
        batch = []
      }
    }

    return chain
  },

  create: async () => {
    const chain = new ThreadChain()
    let count = 0

    return Promise.resolve({
      chain: {
        sharesMemory: false,
        tip: () => chain.tip(),
        get: async (height) => chain.get(height),
        range: (first, last) => chain.range(first, last),
        append: async (blocks) => {
          await chain.append(blocks)
          count += blocks.reduce((sum, { bytes }) => sum + bytes.byteLength, 0)
        }
      },
      count: () => count,
      reset: async () => { await chain.reset() }
    })
  }
}

class ThreadChain {
  readonly sharesMemory = false
  readonly #worker = new Worker(new URL('sqlite-thread.ts', import.meta.url))
  readonly #waiting: ((answer: Answer) => void)[] = []
  /** What came back of the last append. */
  #buffer = new ArrayBuffer(0)
  #head: Block = GENESIS

  constructor () {
    this.#worker.unref()
    this.#worker.on('message', (answer: Answer) => { this.#waiting.shift()?.(answer) })
    void this.#put(0, [encodeBlock(GENESIS)])
  }

  tip (): Pick<Block, 'height' | 'hash'> { return this.#head }

  async get (height: number): Promise<Uint8Array | undefined> {
    return (await this.#rows(height, height))[0]
  }

  async * range (first: number, last: number): AsyncGenerator<Uint8Array, void, undefined> {
    for (let at = first; at <= last; at += READ_BLOCKS) {
      yield * await this.#rows(at, Math.min(last, at + READ_BLOCKS - 1))
    }
  }

  async append (blocks: readonly ReceivedBlock[]): Promise<void> {
    checkLinks(blocks, this.#head)
    const head = decodeBlock(new Uint8Array(blocks.at(-1)!.bytes))
    await this.#put(blocks[0]!.block.height, blocks.map(({ bytes }) => bytes))
    this.#head = head
  }

  async reset (): Promise<void> {
    await this.#ask({ kind: 'reset' })
    this.#head = GENESIS
    await this.#put(0, [encodeBlock(GENESIS)])
  }

  /** Copies blocks into one buffer: the memory of a block may be a part of something else, which cannot be handed to another thread. */
  async #put (first: number, blocks: readonly Uint8Array[]): Promise<void> {
    const sizes = blocks.map(({ byteLength }) => byteLength)
    const total = sizes.reduce((sum, size) => sum + size, 0)
    const buffer = this.#buffer.byteLength >= total ? this.#buffer : new ArrayBuffer(total)
    const target = new Uint8Array(buffer)
    let at = 0

    for (const bytes of blocks) {
      target.set(bytes, at)
      at += bytes.byteLength
    }

    this.#buffer = new ArrayBuffer(0)
    this.#buffer = (await this.#ask({ kind: 'put', first, sizes, buffer }, [buffer])).buffer!
  }

  async #rows (first: number, last: number): Promise<Uint8Array[]> {
    return (await this.#ask({ kind: 'rows', first, last })).rows!
  }

  async #ask (question: Question, transferred: ArrayBuffer[] = []): Promise<Answer> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      this.#worker.postMessage(question, transferred)
    })
  }
}

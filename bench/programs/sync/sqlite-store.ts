import { DatabaseSync } from 'node:sqlite'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodedBlocks, GENESIS } from './blocks.ts'
import { checkLinks } from '../../../src/cli/chain/layout.ts'
import { decodeBlock, encodeBlock } from '../../../src/index.ts'
import type { Store } from './store.ts'
import type { Block, ReceivedBlock } from '../../../src/index.ts'
import type { StatementSync } from 'node:sqlite'

/** Blocks that are read at a time: about a megabyte, as the chain of the command reads them. */
const READ_BLOCKS = 16

/** What the log may hold before its pages go to the database, in pages of 64 KiB: 16 MiB, as much as LevelDB collects. */
const CHECKPOINT_PAGES = 256

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

const directories = new Set<string>()
process.once('exit', () => { directories.forEach((directory) => { rmSync(directory, { recursive: true, force: true }) }) })

/** Blocks by their heights. An append is on the disk when it returns. */
class SqliteChain {
  readonly sharesMemory = false
  readonly #db: DatabaseSync
  readonly #put: StatementSync
  readonly #read: StatementSync
  readonly #directory = mkdtempSync(join(tmpdir(), 'vibecoin-bench-'))
  #head: Block = GENESIS

  constructor () {
    directories.add(this.#directory)
    this.#db = new DatabaseSync(join(this.#directory, 'chain.sqlite'))
    this.#db.exec(`
      PRAGMA page_size = 65536; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};
      CREATE TABLE blocks (height INTEGER PRIMARY KEY, bytes BLOB NOT NULL)
    `)
    this.#put = this.#db.prepare('INSERT OR REPLACE INTO blocks VALUES (?, ?)')
    this.#read = this.#db.prepare('SELECT bytes FROM blocks WHERE height BETWEEN ? AND ? ORDER BY height')
    this.#put.run(0, encodeBlock(GENESIS))
  }

  tip (): Pick<Block, 'height' | 'hash'> { return this.#head }

  get (height: number): Uint8Array | undefined { return this.#rows(height, height)[0] }

  * range (first: number, last: number): Generator<Uint8Array, void, undefined> {
    for (let at = first; at <= last; at += READ_BLOCKS) {
      yield * this.#rows(at, Math.min(last, at + READ_BLOCKS - 1))
    }
  }

  append (blocks: readonly ReceivedBlock[]): void {
    checkLinks(blocks, this.#head)
    this.#db.exec('BEGIN')

    for (const { block, bytes } of blocks) {
      this.#put.run(block.height, bytes)
    }

    this.#db.exec('COMMIT')
    this.#head = decodeBlock(new Uint8Array(blocks.at(-1)!.bytes))
  }

  readonly remove = (): void => {
    this.#db.close()
    rmSync(this.#directory, { recursive: true })
    directories.delete(this.#directory)
  }

  #rows (first: number, last: number): Uint8Array[] {
    return this.#read.all(first, last).map(({ bytes }) => bytes as Uint8Array)
  }
}

import { DatabaseSync } from 'node:sqlite'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StatementSync } from 'node:sqlite'

/** Blocks that are read at a time: about a megabyte, as the chain of the command reads them. */
export const READ_BLOCKS = 16

/** What the log may hold before its pages go to the database, in pages of 64 KiB: 16 MiB, as much as LevelDB collects. */
const CHECKPOINT_PAGES = 256

const directories = new Set<string>()
process.once('exit', () => { directories.forEach((directory) => { rmSync(directory, { recursive: true, force: true }) }) })

/** Encoded blocks by their heights in SQLite, with what that has to say for itself: pages of a block's size, and a log that is synced. */
export class BlockTable {
  readonly #db: DatabaseSync
  readonly #put: StatementSync
  readonly #read: StatementSync
  readonly #directory = mkdtempSync(join(tmpdir(), 'vibecoin-bench-'))

  constructor () {
    directories.add(this.#directory)
    this.#db = new DatabaseSync(join(this.#directory, 'chain.sqlite'))
    this.#db.exec(`
      PRAGMA page_size = 65536; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};
      CREATE TABLE blocks (height INTEGER PRIMARY KEY, bytes BLOB NOT NULL)
    `)
    this.#put = this.#db.prepare('INSERT OR REPLACE INTO blocks VALUES (?, ?)')
    this.#read = this.#db.prepare('SELECT bytes FROM blocks WHERE height BETWEEN ? AND ? ORDER BY height')
  }

  /** Puts blocks in a row. They are on the disk when it returns. */
  put (first: number, blocks: readonly Uint8Array[]): void {
    this.#db.exec('BEGIN')
    blocks.forEach((bytes, index) => { this.#put.run(first + index, bytes) })
    this.#db.exec('COMMIT')
  }

  /** The blocks from one height to another, each in memory of its own. */
  rows (first: number, last: number): Uint8Array[] {
    return this.#read.all(first, last).map(({ bytes }) => bytes as Uint8Array)
  }

  remove (): void {
    this.#db.close()
    rmSync(this.#directory, { recursive: true })
    directories.delete(this.#directory)
  }
}

import { levelCode, levelReason } from './errors.ts'
import { checkFiles, checkDiskSpace, readInode } from './files.ts'
import { systemClock } from '../util/clock.ts'
import { NotRunningError, StorageError, UnsupportedRuntimeError, errorMessage } from '../errors.ts'
import type { Clock } from '../util/clock.ts'
import type { BatchOperation, ClassicLevel, DatabaseOptions } from 'classic-level'

/** From a failed write until the database is opened again, the first time. It doubles with each failure. */
export const FIRST_REOPEN_MS = 250

/** From a failed write until the database is opened again, at most. */
export const LONGEST_REOPEN_MS = 10_000

/** A LevelDB database. */
export type Level<Key, Value> = ClassicLevel<Key, Value>

/** A batch: all of it is written, or nothing. */
export type LevelBatch<Key, Value> = BatchOperation<ClassicLevel<Key, Value>, Key, Value>[]

/** Options of {@link LevelHandle}. None of the callbacks but `check` may throw. */
export interface LevelInit<Key, Value> {
  /** The directory. */
  location: string
  /** The name of its contents in messages. */
  title: string
  options: DatabaseOptions<Key, Value>
  /** Whether a write is on the disk itself when it is done, and not only with the operating system. */
  sync: boolean
  clock?: Clock
  /**
   * Called with a database that was opened again after a failed write, before the next write. It makes sure that all acknowledged writes
   * are there. The one that failed may be there too. Where it throws, the database is closed, and opened once more later.
   */
  check?: (db: Level<Key, Value>) => Promise<void>
  /** Called when a write has failed: no other is possible until `onRestored`. */
  onFault?: (error: StorageError) => void
  /** Called when writes are possible again. */
  onRestored?: () => void
}

/**
 * The databases that are open in this process. LevelDB must not be asked to open one twice: its refusal gives up the lock
 * on the file, and then another process can open it too.
 */
const openLocations = new Set<string>()

/**
 * A LevelDB database that acknowledges only writes that it will find again. After a failed write, LevelDB goes on behind a torn record of
 * its log, and loses what it acknowledges. So the handle refuses writes after a failure until it has closed, opened and checked the
 * database. It tries that by itself, with pauses that double. Reads go on meanwhile.
 */
export class LevelHandle<Key, Value> {
  readonly #init: LevelInit<Key, Value>
  readonly #clock: Clock
  #db: Level<Key, Value>
  /** The inode of its lock file when it was opened. */
  #inode: bigint
  /** Why it refuses writes. */
  #fault: StorageError | undefined
  #pause = FIRST_REOPEN_MS
  #timer: unknown
  /** The attempt to open it again that is under way. Never rejects. */
  #attempt: Promise<void> | undefined
  /** Set while the database is closed and opened, so that reads wait. Never rejects. */
  #reopening: Promise<void> | undefined
  #closing: Promise<void> | undefined

  private constructor (init: LevelInit<Key, Value>, db: Level<Key, Value>, inode: bigint) {
    this.#init = init
    this.#clock = init.clock ?? systemClock
    this.#db = db
    this.#inode = inode
  }

  /** Opens the database, or creates it. Throws LevelDB's errors, and one with the code `LEVEL_LOCKED` where this process has it open. */
  static async open<Key, Value> (init: LevelInit<Key, Value>): Promise<LevelHandle<Key, Value>> {
    const { location } = init

    if (openLocations.has(location)) {
      throw Object.assign(new Error('It is open in this process'), { code: 'LEVEL_LOCKED' })
    }

    openLocations.add(location)

    try {
      const db = await openLevel(init)

      return new LevelHandle(init, db, await readInode(location))
    } catch (err) {
      openLocations.delete(location)
      throw err
    }
  }

  /** Why it refuses writes now. */
  get fault (): StorageError | undefined { return this.#fault }

  /** The database for reading. A caller does not keep it: after a fault it is another one. */
  async reader (): Promise<Level<Key, Value>> {
    await this.#reopening

    return this.#db
  }

  /** Writes all of a batch or none of it, one write at a time. Throws a {@link StorageError}. */
  async write (batch: LevelBatch<Key, Value>): Promise<void> {
    const { title, sync } = this.#init

    if (this.#closing != null) {
      throw new NotRunningError(`The ${title} are closed`)
    }

    if (this.#fault != null) {
      throw new StorageError(this.#fault.message, { cause: this.#fault })
    }

    try {
      await this.#db.batch(batch, { sync })
      await this.#checkInode()
    } catch (err) {
      // LevelDB has refused the batch before it wrote anything
      throw levelCode(err)?.startsWith('LEVEL_INVALID_') === true ? err : this.#onFault(err)
    }

    this.#pause = FIRST_REOPEN_MS
  }

  /** Closes the database. After a fault it first tries once more to open it again. Reads under way end with an error. */
  async close (): Promise<void> {
    this.#closing ??= this.#close()
    await this.#closing
  }

  async #close (): Promise<void> {
    this.#clock.clearTimeout(this.#timer)
    await this.#attempt

    try {
      if (this.#fault != null) {
        await this.#tryReopen()
      }

      await this.#db.close()
    } finally {
      openLocations.delete(this.#init.location)
    }
  }

  #onFault (err: unknown): StorageError {
    const { title, location, onFault } = this.#init
    this.#fault = new StorageError(`Could not write the ${title} in ${location}: ${levelReason(err)}`, { cause: err })
    onFault?.(this.#fault)
    this.#schedule()

    return this.#fault
  }

  #schedule (): void {
    if (this.#closing == null) {
      this.#timer = this.#clock.setTimeout(() => {
        this.#attempt = this.#tryReopen().finally(() => { this.#attempt = undefined })
      }, this.#pause)
      this.#pause = Math.min(2 * this.#pause, LONGEST_REOPEN_MS)
    }
  }

  /** Never rejects. */
  async #tryReopen (): Promise<void> {
    const { location, title, onFault, onRestored } = this.#init

    try {
      // without space, the database stays open for reads
      await checkDiskSpace(location)
    } catch {
      this.#schedule()
      return
    }

    const reopened = this.#reopen()
    this.#reopening = reopened.catch(() => {})

    try {
      await reopened
      this.#fault = undefined
      onRestored?.()
    } catch (err) {
      this.#fault = new StorageError(`Could not open the ${title} in ${location} again: ${levelReason(err)}`, { cause: err })
      onFault?.(this.#fault)
      this.#schedule()
    } finally {
      this.#reopening = undefined
    }
  }

  async #reopen (): Promise<void> {
    const { location, check } = this.#init
    await this.#db.close()
    const db = await openLevel(this.#init)

    try {
      await check?.(db)
      this.#inode = await readInode(location)
    } catch (err) {
      await db.close()
      throw err
    }

    this.#db = db
  }

  /** Throws where the directory was deleted or replaced: LevelDB would go on writing to files without a name. */
  async #checkInode (): Promise<void> {
    if (await readInode(this.#init.location) !== this.#inode) {
      throw new Error('the directory is another one now')
    }
  }
}

async function openLevel<Key, Value> ({ location, options }: LevelInit<Key, Value>): Promise<Level<Key, Value>> {
  await checkFiles(location)
  const { ClassicLevel } = await loadLevel()
  const db: Level<Key, Value> = new ClassicLevel(location, options)
  await db.open()

  return db
}

/** Loads classic-level on demand: its native part cannot be loaded everywhere, and a node without files does not need it. */
async function loadLevel (): Promise<{ ClassicLevel: typeof ClassicLevel }> {
  try {
    return await import('classic-level')
  } catch (err) {
    throw new UnsupportedRuntimeError(`classic-level could not be loaded, which needs Node.js with addons, and its own files beside it (${errorMessage(err)})`, {
      cause: err
    })
  }
}

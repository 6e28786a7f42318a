import { levelCode, levelReason } from './errors.ts'
import { checkFiles, checkRoom, readPlace } from './files.ts'
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

/** What is written: all of it or nothing. */
export type LevelBatch<Key, Value> = BatchOperation<ClassicLevel<Key, Value>, Key, Value>[]

/** What a {@link LevelHandle} is made with. None of the callbacks but `check` may throw. */
export interface LevelInit<Key, Value> {
  /** The directory. */
  location: string
  /** What is kept there, in messages. */
  title: string
  options: DatabaseOptions<Key, Value>
  /** Whether a write is on the disk itself when it is done, and not only with the operating system. */
  sync: boolean
  clock?: Clock
  /**
   * Called with a database that was opened again after a failed write, before anything else is written: makes sure that all is there that
   * was acknowledged. The write that failed may be there too. Throws where the database cannot be used; it is then opened once more later.
   */
  check?: (db: Level<Key, Value>) => Promise<void>
  /** Nothing can be written from now on, and why. */
  onFault?: (error: StorageError) => void
  /** What is written is kept again. */
  onRestored?: () => void
}

/**
 * The databases that are open in this process. LevelDB must not be asked to open one twice: its refusal gives up the lock
 * on the file, and then another process can open it too.
 */
const openLocations = new Set<string>()

/**
 * A LevelDB database that says "written" only of what it will have when it is opened again. After a write that failed, LevelDB goes on
 * behind a torn record of its log: it acknowledges what it will not find. So nothing is written after a failure until the database was
 * closed, opened and checked, which is tried by itself, with pauses that double. What is there can be read meanwhile.
 */
export class LevelHandle<Key, Value> {
  readonly #init: LevelInit<Key, Value>
  readonly #clock: Clock
  #db: Level<Key, Value>
  /** The inode of a file of its own. */
  #place: bigint
  /** Why nothing is written. */
  #fault: StorageError | undefined
  #pause = FIRST_REOPEN_MS
  #timer: unknown
  /** A way back that is tried. Never rejects. */
  #attempt: Promise<void> | undefined
  /** Set while there is nothing to read from. Never rejects. */
  #reopening: Promise<void> | undefined
  #closing: Promise<void> | undefined

  private constructor (init: LevelInit<Key, Value>, db: Level<Key, Value>, place: bigint) {
    this.#init = init
    this.#clock = init.clock ?? systemClock
    this.#db = db
    this.#place = place
  }

  /** Opens the database, or makes it. Throws what LevelDB throws, also with the code `LEVEL_LOCKED` where this process has it open. */
  static async open<Key, Value> (init: LevelInit<Key, Value>): Promise<LevelHandle<Key, Value>> {
    const { location } = init

    if (openLocations.has(location)) {
      throw Object.assign(new Error('It is open in this process'), { code: 'LEVEL_LOCKED' })
    }

    openLocations.add(location)

    try {
      const db = await openLevel(init)

      return new LevelHandle(init, db, await readPlace(location))
    } catch (err) {
      openLocations.delete(location)
      throw err
    }
  }

  /** Why nothing can be written now. */
  get fault (): StorageError | undefined { return this.#fault }

  /** The database for reading. Not to be kept: it is another one after a fault. */
  async reader (): Promise<Level<Key, Value>> {
    await this.#reopening

    return this.#db
  }

  /** Writes all of a batch or none of it. Not to be called while another write is under way. Throws a {@link StorageError}. */
  async write (batch: LevelBatch<Key, Value>): Promise<void> {
    const { title, sync } = this.#init

    if (this.#closing != null) {
      throw new NotRunningError(`The ${title} are closed`)
    }

    if (this.#fault != null) {
      throw new StorageError(`${this.#fault.message}. Nothing is written until that was looked at.`, { cause: this.#fault })
    }

    try {
      await this.#db.batch(batch, { sync })
      await this.#checkPlace()
    } catch (err) {
      // LevelDB has not got to see it
      throw levelCode(err)?.startsWith('LEVEL_INVALID_') === true ? err : this.#onFault(err)
    }

    this.#pause = FIRST_REOPEN_MS
  }

  /** Closes the database. Where it is at fault, the way back is tried once more before. Reads that are under way end with an error. */
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
      // while there is none, what is open can still be read
      await checkRoom(location)
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
      this.#place = await readPlace(location)
    } catch (err) {
      await db.close()
      throw err
    }

    this.#db = db
  }

  /** LevelDB goes on writing to files that have no name any more. */
  async #checkPlace (): Promise<void> {
    if (await readPlace(this.#init.location) !== this.#place) {
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

/** Loaded on demand: a part of it is native, which some processes cannot load, and a node without files does without. */
async function loadLevel (): Promise<{ ClassicLevel: typeof ClassicLevel }> {
  try {
    return await import('classic-level')
  } catch (err) {
    throw new UnsupportedRuntimeError(`classic-level could not be loaded, which needs Node.js with addons, and its own files beside it (${errorMessage(err)})`, {
      cause: err
    })
  }
}

import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { ensureDataDir } from './data-dir.ts'
import { errorCode } from './error-code.ts'
import { systemClock } from '../clock.ts'
import { StorageError, errorMessage } from '../errors.ts'
import type { StoreOptions } from './data-dir.ts'
import type { EntryKind } from './read-entries.ts'
import type { TextStorage } from './write-queue.ts'
import type { Clock } from '../clock.ts'

/** What {@link openEntries} takes besides the directory. */
export interface EntryOptions extends StoreOptions {
  /** Dates the directory that damaged data is moved to. */
  clock?: Clock
}

/** Entries that have been opened: what could be read of them, and where changes go. */
export interface OpenEntries<Contents> { contents: Contents, storage: TextStorage }

interface Place<Contents> extends EntryOptions { kind: EntryKind<Contents>, location: string }

/**
 * The databases that are open in this process. LevelDB must not be asked to open one twice: its refusal gives up the lock
 * on the file, and then another process can open it too.
 */
const openLocations = new Set<string>()

/**
 * Entries in LevelDB, in a directory of their own under `dataDir`. Damaged data is moved aside, reported, and begun anew.
 * Throws a {@link StorageError} when another node has them open, or the directory cannot be used.
 */
export async function openEntries<Contents> (
  dataDir: string, kind: EntryKind<Contents>, options: EntryOptions = {}
): Promise<OpenEntries<Contents>> {
  const place = { ...options, kind, location: join(await ensureDataDir(dataDir), kind.name) }

  if (openLocations.has(place.location)) {
    throw new StorageError(inUse(place))
  }

  openLocations.add(place.location)

  try {
    return await openOrReplace(place)
  } catch (err) {
    openLocations.delete(place.location)
    throw err
  }
}

class LevelStorage implements TextStorage {
  readonly #db: ClassicLevel
  readonly #title: string

  constructor (db: ClassicLevel, title: string) {
    this.#db = db
    this.#title = title
  }

  async write (changes: Map<string, string | undefined>): Promise<void> {
    try {
      await writeBatch(this.#db, changes)
    } catch (err) {
      throw new StorageError(`Could not write the ${this.#title} in ${this.#db.location}: ${reason(err)}`, { cause: err })
    }
  }

  async close (): Promise<void> {
    try {
      await this.#db.close()
    } finally {
      openLocations.delete(this.#db.location)
    }
  }
}

async function writeBatch (db: ClassicLevel, changes: Map<string, string | undefined>): Promise<void> {
  await db.batch(Array.from(changes, ([key, value]) => value == null ? { type: 'del', key } : { type: 'put', key, value }))
}

async function openOrReplace<Contents> (place: Place<Contents>): Promise<OpenEntries<Contents>> {
  try {
    return await open(place)
  } catch (err) {
    if (!isDamage(err)) {
      throw toStorageError(place, err)
    }

    const moved = await moveAside(place)
    place.onWarning?.(`The ${place.kind.title} in ${place.location} are damaged (${reason(err)}); moved them to ${moved} and began anew`)
  }

  try {
    return await open(place)
  } catch (err) {
    throw toStorageError(place, err)
  }
}

async function open<Contents> ({ kind, location, onWarning }: Place<Contents>): Promise<OpenEntries<Contents>> {
  const db = new ClassicLevel(location)
  await db.open()

  try {
    const { contents, changes } = await kind.read(db.iterator(), { location, ...(onWarning == null ? {} : { onWarning }) })
    await writeBatch(db, changes)

    return { contents, storage: new LevelStorage(db, kind.title) }
  } catch (err) {
    await db.close()
    throw err
  }
}

/** The free name is looked for because the same millisecond can come twice. */
async function moveAside<Contents> ({ kind, location, clock = systemClock }: Place<Contents>): Promise<string> {
  for (let timestamp = clock.date(); ; timestamp++) {
    const target = `${location}.corrupt-${timestamp}`

    try {
      await rename(location, target)

      return target
    } catch (err) {
      if (!['ENOTEMPTY', 'EEXIST'].includes(errorCode(err) ?? '')) {
        throw new StorageError(`Could not move the damaged ${kind.title} in ${location}: ${errorMessage(err)}`, { cause: err })
      }
    }
  }
}

/** LevelDB says of a file that is missing, or that makes no sense to it, only that it could not read it. */
function isDamage (error: unknown): boolean {
  const code = levelCode(error)

  return code === 'LEVEL_CORRUPTION' ||
    (code === 'LEVEL_IO_ERROR' && /No such file or directory|Invalid argument/.test(reason(error)))
}

function toStorageError<Contents> (place: Place<Contents>, error: unknown): StorageError {
  const message = levelCode(error) === 'LEVEL_LOCKED'
    ? inUse(place)
    : `Could not open the ${place.kind.title} in ${place.location}: ${reason(error)}`

  return new StorageError(message, { cause: error })
}

function inUse<Contents> ({ kind, location }: Place<Contents>): string {
  return `Could not open the ${kind.title}: another node is using ${location}. Give each node a data directory of its own.`
}

/** What LevelDB said is the cause of the error that a failed opening throws. */
function levelError (error: unknown): unknown {
  return error instanceof Error && error.cause != null ? error.cause : error
}

function levelCode (error: unknown): string | undefined {
  return errorCode(levelError(error))
}

function reason (error: unknown): string {
  return errorMessage(levelError(error))
}

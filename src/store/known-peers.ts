import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { ensureDataDir } from './data-dir.ts'
import { errorCode } from './error-code.ts'
import { PeerBook } from './peer-book.ts'
import { encodeEntry } from './peer-entry.ts'
import { readTable } from './read-table.ts'
import { systemClock } from '../clock.ts'
import { StorageError, errorMessage } from '../errors.ts'
import type { StoreOptions } from './data-dir.ts'
import type { PeerStorage } from './peer-book.ts'
import type { PeerTable } from './peer-table.ts'
import type { Clock } from '../clock.ts'
import type { KnownPeer, KnownPeers } from '../types/known-peers.ts'

export { memoryKnownPeers } from './peer-book.ts'

/** What {@link openKnownPeers} takes besides the directory. */
export interface KnownPeersOptions extends StoreOptions {
  /** Dates the directory that damaged data is moved to. */
  clock?: Clock
}

interface Opened { db: ClassicLevel, table: PeerTable }

const DIRECTORY = 'peers'

/**
 * The databases that are open in this process. LevelDB must not be asked to open one twice: its refusal gives up the lock
 * on the file, and then another process can open it too.
 */
const openLocations = new Set<string>()

/**
 * The known peers in LevelDB under `<dataDir>/peers`. Damaged data is moved aside, reported, and begun anew: nothing is
 * lost that the network would not tell again. Throws a {@link StorageError} when another node has them open, or the
 * directory cannot be used.
 */
export async function openKnownPeers (dataDir: string, options: KnownPeersOptions = {}): Promise<KnownPeers> {
  const location = join(await ensureDataDir(dataDir), DIRECTORY)

  if (openLocations.has(location)) {
    throw new StorageError(inUse(location))
  }

  openLocations.add(location)

  try {
    const { db, table } = await openOrReplace(location, options)

    return new PeerBook(new LevelStorage(db), table)
  } catch (err) {
    openLocations.delete(location)
    throw err
  }
}

class LevelStorage implements PeerStorage {
  readonly #db: ClassicLevel

  constructor (db: ClassicLevel) {
    this.#db = db
  }

  async write (changes: Map<string, Readonly<KnownPeer> | undefined>): Promise<void> {
    try {
      await this.#db.batch(Array.from(changes, ([key, peer]) => {
        return peer == null ? { type: 'del', key } : { type: 'put', key, value: encodeEntry(peer) }
      }))
    } catch (err) {
      throw new StorageError(`Could not write the known peers in ${this.#db.location}: ${reason(err)}`, { cause: err })
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

async function openOrReplace (location: string, options: KnownPeersOptions): Promise<Opened> {
  try {
    return await open(location, options)
  } catch (err) {
    if (!isDamage(err)) {
      throw toStorageError(location, err)
    }

    const moved = await moveAside(location, options.clock ?? systemClock)
    options.onWarning?.(`The known peers in ${location} are damaged (${reason(err)}); moved them to ${moved} and began anew`)
  }

  try {
    return await open(location, options)
  } catch (err) {
    throw toStorageError(location, err)
  }
}

async function open (location: string, options: KnownPeersOptions): Promise<Opened> {
  const db = new ClassicLevel(location)
  await db.open()

  try {
    const { table, evicted } = await readTable(db.iterator(), { ...options, location })
    await db.batch(evicted.map((key) => ({ type: 'del', key })))

    return { db, table }
  } catch (err) {
    await db.close()
    throw err
  }
}

/** The free name is looked for because the same millisecond can come twice. */
async function moveAside (location: string, clock: Clock): Promise<string> {
  for (let timestamp = clock.date(); ; timestamp++) {
    const target = `${location}.corrupt-${timestamp}`

    try {
      await rename(location, target)

      return target
    } catch (err) {
      if (!['ENOTEMPTY', 'EEXIST'].includes(errorCode(err) ?? '')) {
        throw new StorageError(`Could not move the damaged known peers in ${location}: ${errorMessage(err)}`, { cause: err })
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

function toStorageError (location: string, error: unknown): StorageError {
  const message = levelCode(error) === 'LEVEL_LOCKED' ? inUse(location) : `Could not open the known peers in ${location}: ${reason(error)}`

  return new StorageError(message, { cause: error })
}

function inUse (location: string): string {
  return `Could not open the known peers: another node is using ${location}. Give each node a data directory of its own.`
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

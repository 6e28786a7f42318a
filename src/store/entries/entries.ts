import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { ensureDataDir } from '../data-dir.ts'
import { LevelStorage } from './level-storage.ts'
import { errorCode } from '../error-code.ts'
import { systemClock } from '../../util/clock.ts'
import { StorageError, errorMessage } from '../../errors.ts'
import { levelCode, levelReason } from '../../leveldb/errors.ts'
import { findLogDamage } from '../../leveldb/log.ts'
import type { StoreOptions } from '../data-dir.ts'
import type { EntryKind } from './read-entries.ts'
import type { TextStorage } from './write-queue.ts'
import type { Clock } from '../../util/clock.ts'

/** Options of {@link openEntries}. */
export interface EntryOptions extends StoreOptions {
  /** Dates the directory that damaged data is moved to, and times the next attempt after a failed write. */
  clock?: Clock
}

/** Entries that have been opened: those that could be read, and the storage for changes. */
export interface OpenEntries<Contents> { contents: Contents, storage: TextStorage }

interface EntriesTarget<Contents> extends EntryOptions { kind: EntryKind<Contents>, location: string }

/**
 * Opens the entries in LevelDB, in a directory of their own under `dataDir`. Damaged data is moved aside and reported, and the node begins
 * anew. Throws a {@link StorageError} when another node has them open, or the directory cannot be used.
 */
export async function openEntries<Contents> (
  dataDir: string, kind: EntryKind<Contents>, options: EntryOptions = {}
): Promise<OpenEntries<Contents>> {
  return openOrReplace({ ...options, kind, location: join(await ensureDataDir(dataDir), kind.name) })
}

async function openOrReplace<Contents> (target: EntriesTarget<Contents>): Promise<OpenEntries<Contents>> {
  try {
    return await open(target)
  } catch (err) {
    if (!isDamage(err)) {
      throw toStorageError(target, err)
    }

    const moved = await moveAside(target)
    target.onWarning?.(`The ${target.kind.title} in ${target.location} are damaged (${levelReason(err)}); moved them to ${moved} and began anew`)
  }

  try {
    return await open(target)
  } catch (err) {
    throw toStorageError(target, err)
  }
}

async function open<Contents> ({ kind, location, onWarning, clock }: EntriesTarget<Contents>): Promise<OpenEntries<Contents>> {
  const [damage] = await findLogDamage(location)
  const storage = await LevelStorage.open({
    location,
    title: kind.title,
    ...(onWarning == null ? {} : { onWarning }),
    ...(clock == null ? {} : { clock })
  })

  try {
    const { contents, changes } = await kind.read(await storage.entries(), { location, ...(onWarning == null ? {} : { onWarning }) })
    await storage.write(changes)

    if (damage != null) {
      onWarning?.(`Some of the ${kind.title} in ${location} may be lost: ${damage}`)
    }

    return { contents, storage }
  } catch (err) {
    await storage.close()
    throw err
  }
}

/** Moves the directory to a name that is free: the same millisecond can come twice. */
async function moveAside<Contents> ({ kind, location, clock = systemClock }: EntriesTarget<Contents>): Promise<string> {
  for (let timestamp = clock.date(); ; timestamp++) {
    const moved = `${location}.corrupt-${timestamp}`

    try {
      await rename(location, moved)

      return moved
    } catch (err) {
      if (!['ENOTEMPTY', 'EEXIST'].includes(errorCode(err) ?? '')) {
        throw new StorageError(`Could not move the damaged ${kind.title} in ${location}: ${errorMessage(err)}`, { cause: err })
      }
    }
  }
}

/** Whether the data is damaged. For a file that is missing, or makes no sense, LevelDB only says that it could not read it. */
function isDamage (error: unknown): boolean {
  const code = levelCode(error)

  return code === 'LEVEL_CORRUPTION' ||
    (code === 'LEVEL_IO_ERROR' && /No such file or directory|Invalid argument/.test(levelReason(error)))
}

function toStorageError<Contents> (target: EntriesTarget<Contents>, error: unknown): StorageError {
  const message = levelCode(error) === 'LEVEL_LOCKED'
    ? inUse(target)
    : `Could not open the ${target.kind.title} in ${target.location}: ${levelReason(error)}`

  return new StorageError(message, { cause: error })
}

function inUse<Contents> ({ kind, location }: EntriesTarget<Contents>): string {
  return `Could not open the ${kind.title}: another node is using ${location}. Give each node a data directory of its own.`
}

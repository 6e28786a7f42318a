import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { ensureDataDir } from '../data-dir.ts'
import { LevelStorage } from './level-storage.ts'
import { errorCode } from '../error-code.ts'
import { systemClock } from '../../util/clock.ts'
import { StorageError, errorMessage } from '../../errors.ts'
import { levelCode, levelReason } from '../../level/errors.ts'
import { findLogDamage } from '../../level/log.ts'
import type { StoreOptions } from '../data-dir.ts'
import type { EntryKind } from './read-entries.ts'
import type { TextStorage } from './write-queue.ts'
import type { Clock } from '../../util/clock.ts'

/** What {@link openEntries} takes besides the directory. */
export interface EntryOptions extends StoreOptions {
  /** Dates the directory that damaged data is moved to, and says when a disk that failed is tried again. */
  clock?: Clock
}

/** Entries that have been opened: what could be read of them, and where changes go. */
export interface OpenEntries<Contents> { contents: Contents, storage: TextStorage }

interface Place<Contents> extends EntryOptions { kind: EntryKind<Contents>, location: string }

/**
 * Entries in LevelDB, in a directory of their own under `dataDir`. Damaged data is moved aside, reported, and begun anew.
 * Throws a {@link StorageError} when another node has them open, or the directory cannot be used.
 */
export async function openEntries<Contents> (
  dataDir: string, kind: EntryKind<Contents>, options: EntryOptions = {}
): Promise<OpenEntries<Contents>> {
  return openOrReplace({ ...options, kind, location: join(await ensureDataDir(dataDir), kind.name) })
}

async function openOrReplace<Contents> (location: Place<Contents>): Promise<OpenEntries<Contents>> {
  try {
    return await open(location)
  } catch (err) {
    if (!isDamage(err)) {
      throw toStorageError(location, err)
    }

    const moved = await moveAside(location)
    location.onWarning?.(`The ${location.kind.title} in ${location.location} are damaged (${levelReason(err)}); moved them to ${moved} and began anew`)
  }

  try {
    return await open(location)
  } catch (err) {
    throw toStorageError(location, err)
  }
}

async function open<Contents> ({ kind, location, onWarning, clock }: Place<Contents>): Promise<OpenEntries<Contents>> {
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
    (code === 'LEVEL_IO_ERROR' && /No such file or directory|Invalid argument/.test(levelReason(error)))
}

function toStorageError<Contents> (location: Place<Contents>, error: unknown): StorageError {
  const message = levelCode(error) === 'LEVEL_LOCKED'
    ? inUse(location)
    : `Could not open the ${location.kind.title} in ${location.location}: ${levelReason(error)}`

  return new StorageError(message, { cause: error })
}

function inUse<Contents> ({ kind, location }: Place<Contents>): string {
  return `Could not open the ${kind.title}: another node is using ${location}. Give each node a data directory of its own.`
}

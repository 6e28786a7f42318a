import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { StorageError } from '../index.ts'
import { makeDirectory } from '../leveldb/directory.ts'
import { errorText } from './output/format.ts'

/** A directory for the files of a command. */
export interface CommandDir {
  /** Absolute. */
  readonly path: string
  /** Whether it is removed when the command ends. */
  readonly temporary: boolean
  /** Removes it if it is a temporary one. */
  remove: () => Promise<void>
  /** As {@link remove}, for a process that ends at once. Never throws. */
  removeNow: () => void
}

/** Opens the directory of `--data-dir`, which is created where it is missing; without one, a new temporary directory. */
export async function openCommandDir (wanted: string | undefined): Promise<CommandDir> {
  if (wanted != null) {
    const path = resolve(wanted)
    await openWanted(path)

    return { path, temporary: false, remove: async () => {}, removeNow: () => {} }
  }

  const path = await mkdtemp(join(tmpdir(), 'vibecoin-'))
  const options = { recursive: true, force: true, maxRetries: 5 }

  return {
    path,
    temporary: true,
    remove: async () => { await rm(path, options) },
    removeNow: () => {
      try {
        rmSync(path, options)
      } catch {
        // a process that is still ending writes there: the system removes temporary files later
      }
    }
  }
}

async function openWanted (path: string): Promise<void> {
  try {
    await makeDirectory(path)
  } catch (err) {
    throw new StorageError(`Could not use ${path} as the data directory: ${errorText(err)}`, { cause: err })
  }
}

import { rmSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** A directory for the files of a command. */
export interface DataDir {
  /** Absolute. */
  readonly path: string
  /** Whether it goes with the command. */
  readonly temporary: boolean
  /** Removes it if it is a temporary one. */
  remove: () => Promise<void>
  /** The same, for a process that ends at once. Never throws. */
  removeNow: () => void
}

/** The directory that was asked for, made where it is missing; without one, a new temporary directory. */
export async function openDataDir (wanted: string | undefined): Promise<DataDir> {
  if (wanted != null) {
    const path = resolve(wanted)
    await mkdir(path, { recursive: true })

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
        // a process that is still ending writes there: the system clears its temporary files
      }
    }
  }
}

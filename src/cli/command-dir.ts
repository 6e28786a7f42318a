import { rmSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

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
        // a process that is still ending writes there: the system removes temporary files later
      }
    }
  }
}

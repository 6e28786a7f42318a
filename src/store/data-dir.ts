import { mkdir, realpath } from 'node:fs/promises'
import { StorageError, errorMessage } from '../errors.ts'

/** What the parts of the store take besides the directory. */
export interface StoreOptions {
  /** Told, in a sentence, what was wrong and has been dealt with. */
  onWarning?: (message: string) => void
}

/** The directory's owner and nobody else. */
const PRIVATE_DIR_MODE = 0o700

/** Makes `dataDir` for its owner only where it is missing. Returns the one path of it. Throws a {@link StorageError}. */
export async function ensureDataDir (dataDir: string): Promise<string> {
  try {
    await mkdir(dataDir, { recursive: true, mode: PRIVATE_DIR_MODE })

    return await realpath(dataDir)
  } catch (err) {
    throw new StorageError(`Could not use ${dataDir} as the data directory: ${errorMessage(err)}`, { cause: err })
  }
}

import { realpath } from 'node:fs/promises'
import { StorageError, errorMessage } from '../errors.ts'
import { makeDirectory } from '../leveldb/directory.ts'

/** Options of all parts of the store. */
export interface StoreOptions {
  /** Called with a sentence about a problem that the store has dealt with. */
  onWarning?: (message: string) => void
}

/** Access for the owner of the directory only. */
const PRIVATE_DIR_MODE = 0o700

/** Creates `dataDir`, for its owner only, where it is missing. Returns its real path. Throws a {@link StorageError}. */
export async function ensureDataDir (dataDir: string): Promise<string> {
  try {
    await makeDirectory(dataDir, { mode: PRIVATE_DIR_MODE })

    return await realpath(dataDir)
  } catch (err) {
    throw new StorageError(`Could not use ${dataDir} as the data directory: ${errorMessage(err)}`, { cause: err })
  }
}

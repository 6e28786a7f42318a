import { randomUUID } from 'node:crypto'
import { constants, link, open, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errorCode } from '../error-code.ts'
import { errorMessage } from '../../errors.ts'
import type { StoreOptions } from '../data-dir.ts'
import type { FileHandle } from 'node:fs/promises'

/** Access for the owner of the file only. */
const PRIVATE_FILE_MODE = 0o600
const OTHERS = 0o077

/** Far more than the largest key has. A larger file is no key, and is not read into memory. */
const MAX_KEY_FILE_BYTES = 64 * 1024

/** Errors of `link` on a file system without hard links, such as FAT. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'])

// Windows has no such bits: the file is as private as its directory
const hasModes = process.platform !== 'win32'

/**
 * The bytes of a file that only its owner may read; `undefined` when there is none. Where others may read it, the node takes that right
 * from them, and reports it.
 */
export async function readKeyFile (file: string, { onWarning }: StoreOptions = {}): Promise<Uint8Array | undefined> {
  const handle = await openIfThere(file)

  if (handle == null) {
    return undefined
  }

  try {
    const stats = await handle.stat()

    if (!stats.isFile()) {
      throw new Error('it is not a file')
    }

    if (stats.size > MAX_KEY_FILE_BYTES) {
      throw new Error(`it has ${stats.size} bytes`)
    }

    if (hasModes && (stats.mode & OTHERS) !== 0) {
      const outcome = await closeToOthers(handle)
      onWarning?.(`Others could read the private key in ${file} (mode ${(stats.mode & 0o777).toString(8)}); ${outcome}`)
    }

    return await handle.readFile()
  } finally {
    await handle.close()
  }
}

async function openIfThere (file: string): Promise<FileHandle | undefined> {
  try {
    // opening a pipe without a writer must not block
    return await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  } catch (err) {
    if (errorCode(err) === 'ENOENT') {
      return undefined
    }

    throw err
  }
}

/** Returns the outcome in words: a key on a read-only disk can be used all the same. */
async function closeToOthers (handle: FileHandle): Promise<string> {
  try {
    await handle.chmod(PRIVATE_FILE_MODE)

    return 'now only its owner can'
  } catch (err) {
    return `that could not be changed: ${errorMessage(err)}`
  }
}

/**
 * Creates the file with these bytes, for its owner only, whole or not at all. False when there is one already, which stays as it is.
 * `hardLink` is for tests of file systems without hard links.
 */
export async function createKeyFile (file: string, bytes: Uint8Array, hardLink: typeof link = link): Promise<boolean> {
  const temporary = `${file}.${randomUUID()}.tmp`

  try {
    await writeNew(temporary, bytes)
    await publish({ temporary, file, bytes }, hardLink)

    return true
  } catch (err) {
    if (errorCode(err) === 'EEXIST') {
      return false
    }

    throw err
  } finally {
    await unlink(temporary).catch(() => {})
    await syncDirectory(dirname(file))
  }
}

/** Gives the file its name. Unlike a rename, a link never replaces a file that another process has created meanwhile. */
async function publish (key: { temporary: string, file: string, bytes: Uint8Array }, hardLink: typeof link): Promise<void> {
  try {
    await hardLink(key.temporary, key.file)
  } catch (err) {
    if (!NO_LINKS.has(errorCode(err) ?? '')) {
      throw err
    }

    // second best: this replaces nothing either, but a crash in between leaves half a key, which is refused later
    await writeNew(key.file, key.bytes)
  }
}

async function writeNew (file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, 'wx', PRIVATE_FILE_MODE)

  try {
    await handle.writeFile(bytes)
    await handle.sync()
  } catch (err) {
    await unlink(file).catch(() => {})
    throw err
  } finally {
    await handle.close()
  }
}

/** Makes the new name survive a power failure, where the system can. */
async function syncDirectory (directory: string): Promise<void> {
  const handle = await open(directory, 'r').catch(() => undefined)

  try {
    await handle?.sync()
  } catch {
    // Windows and some network file systems cannot: the file itself is written all the same
  } finally {
    await handle?.close()
  }
}

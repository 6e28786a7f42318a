import { open, readdir, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'

/** The names of LevelDB's files. */
const FILE = /^(CURRENT|LOCK|LOG|LOG\.old|MANIFEST-\d+|\d+\.(log|ldb|sst|dbtmp))$/
const LOG = /^\d+\.log$/

/** LevelDB leaves a file of this name alone. */
const PROBE = 'room.probe'
const PROBE_CHUNK_BYTES: number = 1024 * 1024

/**
 * Throws where something in the LevelDB database in `location` has the name of a file and is none: a directory, a pipe, a device or a
 * broken link. LevelDB would wait for ever for some of these, and pass over others in silence.
 */
export async function checkFiles (location: string): Promise<void> {
  for (const name of (await readNames(location)).filter((name) => FILE.test(name))) {
    const path = join(location, name)
    let isFile: boolean

    try {
      isFile = (await stat(path)).isFile()
    } catch (err) {
      throw new Error(`${path} cannot be read`, { cause: err })
    }

    if (!isFile) {
      throw new Error(`${path} is not a file`)
    }
  }
}

/**
 * Throws where the disk of `location` has not enough space to open the database again, or may not be written. LevelDB writes its log to a
 * table then.
 */
export async function checkDiskSpace (location: string): Promise<void> {
  const logs = (await readdir(location)).filter((name) => LOG.test(name))
  const sizes = await Promise.all(logs.map(async (name) => (await stat(join(location, name))).size))
  const path = join(location, PROBE)
  const file = await open(path, 'w')

  try {
    const chunk = new Uint8Array(PROBE_CHUNK_BYTES)

    for (let left = sizes.reduce((sum, size) => sum + size, PROBE_CHUNK_BYTES); left > 0; left -= PROBE_CHUNK_BYTES) {
      await file.writeFile(chunk)
    }

    await file.datasync()
  } finally {
    await file.close()
    await unlink(path)
  }
}

/** The inode of the database's lock file, which tells its directory from another one of the same name. */
export async function readInode (location: string): Promise<bigint> {
  return (await stat(join(location, 'LOCK'), { bigint: true })).ino
}

/** The names in a directory; none where there is no directory. */
export async function readNames (location: string): Promise<string[]> {
  try {
    return await readdir(location)
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code === 'ENOENT') {
      return []
    }

    throw err
  }
}

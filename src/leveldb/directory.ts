import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { StorageError, errorMessage } from '../errors.ts'

/** What an operator can do about an error of the disk. */
const ADVICE: Readonly<Record<string, string>> = {
  EACCES: 'give the directory to the user that this process runs as, or give another directory',
  EPERM: 'give the directory to the user that this process runs as, or give another directory',
  EROFS: 'the file system is read-only: mount it for writing, or give another directory',
  EEXIST: 'there is a file of this name: give another directory',
  ENOTDIR: 'a part of the path is a file: give another directory',
  ENOSPC: 'the disk is full: make room, or give another directory',
  EDQUOT: 'the user that this process runs as has no room left: make room, or give another directory'
}

/** Creates a directory, and those above it, where they are missing. Throws a {@link StorageError} that says what to do. */
export async function makeDirectory (path: string, options: { mode?: number } = {}): Promise<void> {
  try {
    await mkdir(path, { recursive: true, ...options })
  } catch (err) {
    const cause = await realCause(path, err)
    const advice = ADVICE[codeOf(cause) ?? '']

    throw new StorageError(advice == null ? errorMessage(cause) : `${advice}: ${errorMessage(cause)}`, { cause })
  }
}

/** On a read-only file system, Node.js says ENOENT of a directory that it cannot make with those above it. Its plain `mkdir` says why. */
async function realCause (path: string, error: unknown): Promise<unknown> {
  for (let directory = path; codeOf(error) === 'ENOENT' && directory !== dirname(directory); directory = dirname(directory)) {
    try {
      await mkdir(directory)

      return error
    } catch (err) {
      if (codeOf(err) !== 'ENOENT') {
        return codeOf(err) === 'EEXIST' ? error : err
      }
    }
  }

  return error
}

function codeOf (error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code
}

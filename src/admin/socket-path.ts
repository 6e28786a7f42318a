import { createHash } from 'node:crypto'
import { lstat, readlink, realpath } from 'node:fs/promises'
import { join } from 'node:path'

/** The name of the socket in a data directory. */
export const SOCKET_FILE = 'admin.sock'

/** Bytes of the path of a socket: what macOS takes, which is less than what Linux takes. */
export const MAX_SOCKET_PATH_BYTES = 103

/** The named pipe of a data directory, for Windows, which has no sockets in directories. */
export function pipeName (dataDir: string): string {
  // NTFS does not tell upper case from lower case
  const digest = createHash('sha256').update(dataDir.toLowerCase()).digest('hex')

  return `\\\\.\\pipe\\vibecoin-network-${digest.slice(0, 32)}`
}

/**
 * The path to connect to, for the node of a data directory. Where the path would be too long for a socket, a link of its name leads to the
 * socket. Rejects with `ENOENT` where there is none.
 */
export async function socketPath (dataDir: string, platform: NodeJS.Platform = process.platform): Promise<string> {
  if (platform === 'win32') {
    return pipeName(await realpath(dataDir))
  }

  const path = join(dataDir, SOCKET_FILE)

  return (await lstat(path)).isSymbolicLink() ? readlink(path) : path
}

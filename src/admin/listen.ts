import { chmod, lstat, mkdtemp, readlink, realpath, rename, rm, symlink, unlink } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { StorageError, errorMessage } from '../errors.ts'
import { MAX_SOCKET_PATH_BYTES, pipeName, SOCKET_FILE, socketPath } from './socket-path.ts'
import type { Server } from 'node:net'

/** The owner of the process alone may connect. */
const SOCKET_MODE = 0o600

const TEMPORARY_PREFIX = 'vibecoin-admin-'

/** Takes the socket away again. */
export type CloseSocket = () => Promise<void>

/**
 * Has a server listen on the socket of a data directory. A socket that a crashed node has left is replaced. Throws a {@link StorageError}
 * where another node answers on it, and where there can be none.
 */
export async function listenOn (server: Server, dataDir: string): Promise<CloseSocket> {
  const directory = await realpath(resolve(dataDir))

  if (await isAnswered(directory)) {
    throw new StorageError(`Could not open the admin socket in ${directory}: another node answers on it. Stop that node, or use another directory`)
  }

  try {
    return process.platform === 'win32' ? await listenOnPipe(server, directory) : await listenOnSocket(server, directory)
  } catch (err) {
    throw new StorageError(`Could not open the admin socket in ${directory}: ${errorMessage(err)}. Set \`admin\` to false to go without it`, { cause: err })
  }
}

async function listenOnPipe (server: Server, directory: string): Promise<CloseSocket> {
  await listen(server, pipeName(directory))

  return async () => {}
}

/**
 * The socket is made in a directory that only its owner can enter, and moved to its place when its mode is right: at no moment can another
 * user connect. Moving it replaces what was there.
 */
async function listenOnSocket (server: Server, directory: string): Promise<CloseSocket> {
  const place = join(directory, SOCKET_FILE)
  const isShort = Buffer.byteLength(join(directory, `${TEMPORARY_PREFIX}XXXXXX`, SOCKET_FILE)) <= MAX_SOCKET_PATH_BYTES
  const temporary = await mkdtemp(join(isShort ? directory : tmpdir(), TEMPORARY_PREFIX))
  const socket = join(temporary, SOCKET_FILE)

  try {
    await removeStale(place)
    await listen(server, socket)
    await chmod(socket, SOCKET_MODE)

    if (isShort) {
      await rename(socket, place)
      await rm(temporary, { recursive: true })

      return async () => { await remove(place) }
    }

    await symlink(socket, place)

    return async () => {
      await remove(place)
      await rm(temporary, { recursive: true, force: true })
    }
  } catch (err) {
    // it may listen already
    server.close()
    await rm(temporary, { recursive: true, force: true })
    throw err
  }
}

/** Removes what a crashed node has left: the socket, or the link to it with the directory that it is in. */
async function removeStale (place: string): Promise<void> {
  const target = await readlink(place).catch(() => undefined)
  const directory = dirname(resolve(target ?? place))

  if (target != null && basename(directory).startsWith(TEMPORARY_PREFIX) && dirname(directory) === resolve(tmpdir())) {
    await rm(directory, { recursive: true, force: true })
  }

  if (target != null || (await lstat(place).catch(() => undefined))?.isSocket() === true) {
    await remove(place)
  }
}

async function remove (path: string): Promise<void> {
  await unlink(path).catch((err: unknown) => {
    if ((err as NodeJS.ErrnoException).code !== 'ENOENT') {
      throw err
    }
  })
}

/** Whether a process accepts connections on the socket of a directory. */
async function isAnswered (directory: string): Promise<boolean> {
  const path = await socketPath(directory).catch(() => undefined)

  return path != null && new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => { resolve(false) })
  })
}

async function listen (server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

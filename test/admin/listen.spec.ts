import assert from 'node:assert/strict'
import { once } from 'node:events'
import { lstat, mkdir, readdir, readlink, rename, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname } from 'node:path'
import { AdminClient } from '../../src/admin/client.ts'
import { listenOn } from '../../src/admin/listen.ts'
import { MAX_SOCKET_PATH_BYTES, pipeName, socketPath } from '../../src/admin/socket-path.ts'
import { useTempDir } from '../support/temp-dir.ts'
import type { CloseSocket } from '../../src/admin/listen.ts'
import type { Server } from 'node:net'

describe('admin/listen', function () {
  const path = useTempDir()
  const open: (() => Promise<void>)[] = []

  async function listen (directory: string): Promise<{ server: Server, close: CloseSocket }> {
    const server = createServer((socket) => { socket.destroy() })
    const close = await listenOn(server, directory)
    open.push(async () => {
      server.close()
      await close()
    })

    return { server, close }
  }

  /** Leaves a socket in a directory that no process listens on. */
  async function leaveStale (directory: string): Promise<void> {
    const server = createServer().listen(`${directory}/other`)
    await once(server, 'listening')
    await rename(`${directory}/other`, `${directory}/admin.sock`)
    await new Promise((resolve) => { server.close(resolve) })
  }

  before(function () {
    if (process.platform === 'win32') {
      this.skip()
    }
  })

  afterEach(async () => {
    await Promise.all(open.splice(0).map(async (close) => close()))
  })

  it('makes a socket for the user of the process alone, and nothing else', async () => {
    const { close, server } = await listen(path())
    const { mode } = await stat(path('admin.sock'))

    assert.equal(mode & 0o777, 0o600)
    assert.deepEqual(await readdir(path()), ['admin.sock'])
    await new Promise((resolve) => { server.close(resolve) })
    await close()
    assert.deepEqual(await readdir(path()), [])
  })

  it('replaces the socket of a node that has crashed', async () => {
    await leaveStale(path())
    await assert.rejects(AdminClient.connect(path()), { name: 'AdminError', message: /^No node runs on .*without a goodbye/ })
    await listen(path())
    const client = await AdminClient.connect(path())
    client.close()
  })

  it('does not take the place of a node that answers', async () => {
    await listen(path())
    await assert.rejects(listen(path()), { name: 'StorageError', message: /another node answers on it/ })
    const client = await AdminClient.connect(path())
    client.close()
  })

  it('says what to do where there can be no socket', async () => {
    await mkdir(path('admin.sock'))
    const server = createServer()
    await assert.rejects(listenOn(server, path()), { name: 'StorageError', message: /^Could not open the admin socket in .*Set `admin` to false/ })
    assert.equal(server.listening, false)
    assert.deepEqual(await readdir(path()), ['admin.sock'])
  })

  it('has a link to the socket where its path would be too long', async () => {
    const directory = path('x'.repeat(MAX_SOCKET_PATH_BYTES))
    await mkdir(directory)
    const { close, server } = await listen(directory)
    const target = await readlink(`${directory}/admin.sock`)

    assert(Buffer.byteLength(target) <= MAX_SOCKET_PATH_BYTES)
    assert.equal((await stat(dirname(target))).mode & 0o777, 0o700)
    assert.equal((await stat(target)).mode & 0o777, 0o600)
    const client = await AdminClient.connect(directory)
    client.close()

    await new Promise((resolve) => { server.close(resolve) })
    await close()
    assert.deepEqual(await readdir(directory), [])
    await assert.rejects(lstat(dirname(target)), { code: 'ENOENT' })
  })

  it('removes what such a link of a crashed node led to', async () => {
    const directory = path('x'.repeat(MAX_SOCKET_PATH_BYTES))
    await mkdir(directory)
    const { server } = await listen(directory)
    const stale = await readlink(`${directory}/admin.sock`)
    await rename(stale, `${stale}-moved`)
    await new Promise((resolve) => { server.close(resolve) })
    await rename(`${stale}-moved`, stale)
    await listen(directory)

    assert.notEqual(await readlink(`${directory}/admin.sock`), stale)
    await assert.rejects(lstat(dirname(stale)), { code: 'ENOENT' })
  })

  it('has a named pipe of each directory on Windows', async () => {
    assert.match(pipeName('C:\\data'), /^\\\\\.\\pipe\\vibecoin-network-[0-9a-f]{32}$/)
    assert.equal(pipeName('C:\\data'), pipeName('c:\\Data'))
    assert.notEqual(pipeName('C:\\data'), pipeName('C:\\data2'))
    assert.equal(await socketPath(path(), 'win32'), pipeName(path()))
  })
})

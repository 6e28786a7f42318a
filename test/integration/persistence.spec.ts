import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { addressOf, freePorts, nextEvent, startNode, stopNodes } from './nodes.ts'
import { eventually } from '../support/eventually.ts'
import type { Network } from '../../src/index.ts'
import type { AddressInfo } from 'node:net'

describe('integration/persistence', () => {
  let dataDir: string

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'persistence-test-'))
  })

  afterEach(async () => {
    await stopNodes()
    await rm(dataDir, { recursive: true, maxRetries: 10 })
  })

  /** Starts a node that fails to; nothing of it may be left. */
  async function failToStart (config: Parameters<typeof startNode>[0], expected: { name: string, message: RegExp }): Promise<void> {
    const before = process.getActiveResourcesInfo()
    await assert.rejects(startNode({ dataDir, ...config }), expected)
    await eventually(() => process.getActiveResourcesInfo().length <= before.length, 'nothing to be left open')
  }

  it('keeps its identity', async () => {
    const node = await startNode({ dataDir })
    const id = node.libp2p.peerId.toString()
    await node.stop()

    const restarted = await startNode({ dataDir })
    assert.equal(restarted.libp2p.peerId.toString(), id)
    assert.notEqual((await startNode()).libp2p.peerId.toString(), id)
  })

  it('refuses the directory of another network, and leaves nothing open', async () => {
    await (await startNode({ dataDir, network: 'one' })).stop()
    await failToStart({ network: 'two' }, { name: 'StorageError', message: /^Expected the data directory .* of the network "two" .*, it is of the network "one"/ })
    await startNode({ dataDir, network: 'one' })
  })

  it('keeps its identity to itself', async function () {
    // files have no permissions for owner, group and others there
    if (process.platform === 'win32') {
      this.skip()
    }

    await startNode({ dataDir })
    assert.equal((await stat(join(dataDir, 'identity.key'))).mode & 0o777, 0o600)
  })

  it('dials the peers that it knew, without a seed', async () => {
    const [port] = await freePorts(1) as [number]
    const listen = [`/ip4/127.0.0.1/tcp/${port}`]
    const peer = await startNode({ listen })
    const address = addressOf(peer)
    const node = await startNode({ dataDir, seedPeers: [address] })
    await eventually(() => [...node.peers].length === 1, 'the session')
    await node.stop()

    const restarted = await startNode({ dataDir })
    const { id, direction } = await eventually(() => [...restarted.peers][0], 'the session again')
    assert.deepEqual([id, direction], [peer.libp2p.peerId.toString(), 'outbound'])
  })

  it('dials the peers that it knew when its seed has gone', async () => {
    const [seed, peer] = await Promise.all([startNode(), startNode()])
    const node = await startNode({ dataDir, seedPeers: [addressOf(seed), addressOf(peer)] })
    await eventually(() => [...node.peers].length === 2, 'two sessions')
    await node.stop()
    await seed.stop()

    const restarted = await startNode({ dataDir, seedPeers: [addressOf(peer).replace(/\/p2p\/.*/, '')] })
    await nextEvent(restarted, 'dial:failed', ({ target }) => target === seed.libp2p.peerId.toString())
    await eventually(() => restarted.peers.get(peer.libp2p.peerId.toString()), 'the other session')
  })

  it('remembers nothing of its peers without one', async () => {
    const peer = await startNode()
    const node = await startNode({ seedPeers: [addressOf(peer)] })
    await eventually(() => [...node.peers].length === 1, 'the session')
    const id = node.libp2p.peerId.toString()
    await node.stop()
    const restarted = await startNode()
    assert.notEqual(restarted.libp2p.peerId.toString(), id)
    assert.deepEqual(restarted.peers.counts, { inbound: 0, outbound: 0, blockOnly: 0, pending: 0, reserved: 0 })
  })

  it('does not start with a damaged key, which stays as it is, and does when it is repaired', async () => {
    const node = await startNode({ dataDir })
    const id = node.libp2p.peerId.toString()
    await node.stop()
    const file = join(dataDir, 'identity.key')
    const key = await readFile(file)

    for (const damaged of [key.subarray(0, 20), new Uint8Array(0), key.map((byte, i) => i === 40 ? byte ^ 1 : byte)]) {
      await writeFile(file, damaged)
      await failToStart({}, { name: 'StorageError', message: /identity\.key/ })
      assert.deepEqual(new Uint8Array(await readFile(file)), new Uint8Array(damaged))
    }

    await writeFile(file, key)
    const repaired = await startNode({ dataDir })
    assert.equal(repaired.libp2p.peerId.toString(), id)
  })

  it('does not start where another one uses the directory, and does when that has stopped', async () => {
    const first = await startNode({ dataDir })
    await failToStart({}, { name: 'StorageError', message: /another node/ })
    await first.stop()
    await startNode({ dataDir })
  })

  it('does not start where the directory is a file', async () => {
    const file = join(dataDir, 'file')
    await writeFile(file, '')
    await failToStart({ dataDir: file }, { name: 'StorageError', message: /data directory/ })
  })

  describe('whose address is in use', () => {
    it('does not start, says which it is, and does on another one', async () => {
      const server = createServer().listen(0, '127.0.0.1')
      await new Promise((resolve) => { server.once('listening', resolve) })
      const { port } = server.address() as AddressInfo
      const address = `/ip4/127.0.0.1/tcp/${port}`
      let err: unknown

      try {
        await failToStart({ listen: [address] }, { name: 'ListenError', message: new RegExp(address) })
        await startNode({ dataDir, listen: [address] }).catch((error: unknown) => { err = error })
      } finally {
        await new Promise((resolve) => { server.close(resolve) })
      }

      assert.match((err as Error).message, /EADDRINUSE|in use/)
      assert.doesNotMatch((err as Error).message, /\n\s+at /)

      // both the directory and the address are free now
      await startNode({ dataDir, listen: [address] })
    })

    it('does not start with only a part of its addresses', async () => {
      const other = await startNode()
      const used = addressOf(other).replace(/\/p2p\/.*/, '')
      const [port] = await freePorts(1) as [number]
      const free = `/ip4/127.0.0.1/tcp/${port}`
      let node: Network | undefined

      try {
        node = await startNode({ listen: [free, used] })
      } catch (err) {
        assert.equal((err as Error).name, 'ListenError')
        assert.ok((err as Error).message.includes(used))
      }

      assert.equal(node, undefined)
      await startNode({ listen: [free] })
    })
  })
})

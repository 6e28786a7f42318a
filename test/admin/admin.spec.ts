import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { readdir } from 'node:fs/promises'
import { createServer } from 'node:net'
import { MAX_ADMIN_CONNECTIONS } from '../../src/admin/admin.ts'
import { AdminClient } from '../../src/admin/client.ts'
import { socketPath } from '../../src/admin/socket-path.ts'
import { startNetwork } from '../../src/index.ts'
import { AdminLine } from '../support/admin-line.ts'
import { eventually } from '../support/eventually.ts'
import { sampleBlock } from '../support/sample.ts'
import { useTempDir } from '../support/temp-dir.ts'
import type { ProcessStatus } from '../../src/admin/methods.ts'
import type { Bandwidth, BlockTimeline, Network, NetworkConfig, NetworkStatus, PeerStatus } from '../../src/index.ts'

const GENESIS = new Uint8Array(32).fill(7)

describe('admin/admin', function () {
  this.timeout(20_000)

  const path = useTempDir()
  const networks: Network[] = []
  const clients: AdminClient[] = []

  async function start (options: Partial<NetworkConfig> = {}): Promise<Network> {
    const network = await startNetwork({ genesisHash: GENESIS, listen: ['/ip4/127.0.0.1/tcp/0'], ...options })
    networks.push(network)

    return network
  }

  async function untilPeers (network: Network, count: number): Promise<void> {
    await eventually(() => Array.from(network.peers).length === count, `${count} peers`)
  }

  async function ask (directory = path('a')): Promise<AdminClient> {
    const client = await AdminClient.connect(directory)
    clients.push(client)

    return client
  }

  /** A node with an admin socket, another one with a session with it, and a client. */
  async function scene (): Promise<{ network: Network, other: Network, id: string, client: AdminClient }> {
    const network = await start({ dataDir: path('a'), admin: true, nodeId: 'first' })
    const other = await start({ nodeId: 'second', seedPeers: network.libp2p.getMultiaddrs().map(String) })
    await untilPeers(network, 1)

    return { network, other, id: other.libp2p.peerId.toString(), client: await ask() }
  }

  afterEach(async () => {
    clients.splice(0).forEach((client) => { client.close() })
    await Promise.all(networks.splice(0).map(async (network) => network.stop()))
  })

  it('answers for the node with its status, its peers and its process', async () => {
    const { network, id, client } = await scene()
    const [status, peers, process_] = await Promise.all([
      client.call<NetworkStatus>('status'), client.call<PeerStatus[]>('peers'), client.call<ProcessStatus>('process')
    ])

    assert.equal(status.node.peerId, network.libp2p.peerId.toString())
    assert.deepEqual(peers.map((peer) => [peer.id, peer.nodeId, peer.direction]), [[id, 'second', 'inbound']])
    assert.deepEqual([process_.pid, process_.dataDir], [process.pid, path('a')])
    assert(process_.cpu > 0 && process_.rss > process_.heapUsed)
    assert.deepEqual((await client.call<NetworkStatus['dials']>('dials')).targets.map(({ peerId, state }) => [peerId, state]), [[id, 'connected']])
    assert.deepEqual(await client.call('blocks'), [])
  })

  it('has the way of each block of a peer', async () => {
    const { network, other, id, client } = await scene()
    const timelines: BlockTimeline[] = []
    network.addEventListener('block:timeline', ({ detail }) => { timelines.push(detail) })
    other.broadcast({ type: 'newBlock', block: sampleBlock({ height: 5 }) })
    await eventually(() => timelines.length === 1, 'the block')

    assert.deepEqual([timelines[0]!.height, timelines[0]!.from], [5, id])
    assert.deepEqual(await client.call('blocks'), timelines)
  })

  it('finds a peer by its id, the end of that, or its name', async () => {
    const { id, client } = await scene()

    for (const peer of [id, id.slice(-8), `..${id.slice(-8)}`, 'second']) {
      assert.equal((await client.call<PeerStatus>('peer', { peer })).id, id)
    }

    await assert.rejects(client.call('peer', { peer: 'third' }), { name: 'AdminError', message: 'No ready peer has the id or the name `third`' })
    await assert.rejects(client.call('peer', { peer: id.slice(-3) }), { name: 'AdminError', message: /^No ready peer/ })
  })

  it('says which is missing where two peers have a name', async () => {
    const { network, client } = await scene()
    await start({ nodeId: 'second', seedPeers: network.libp2p.getMultiaddrs().map(String) })
    await untilPeers(network, 2)

    await assert.rejects(client.call('peer', { peer: 'second' }), { name: 'AdminError', message: /^More than one peer .* give the whole id$/ })
  })

  it('bans a peer and an address, and ends bans', async () => {
    const { network, id, client } = await scene()
    const ban = await client.call<{ subject: string, reason: string }>('ban', { subject: 'second', duration: 60_000, reason: 'noisy' })

    assert.deepEqual([ban.subject, ban.reason], [id, 'noisy, as "second"'])
    await untilPeers(network, 0)
    await client.call('ban', { subject: '203.0.113.7' })
    assert.deepEqual((await client.call<{ subject: string }[]>('bans')).map(({ subject }) => subject), [id, '203.0.113.7'])
    assert.deepEqual(await client.call('unban', { subject: 'second' }), { subject: id, unbanned: true })
    assert.deepEqual(await client.call('unban', { subject: id }), { subject: id, unbanned: false })
    await client.call('ban', { subject: id })
    assert.deepEqual(await client.call('unban', { subject: id.slice(-8) }), { subject: id, unbanned: true })
    await untilPeers(network, 1)
    assert.equal((await client.call<{ reason: string }>('ban', { subject: 'second' })).reason, 'by the operator, as "second"')
    await untilPeers(network, 0)
    assert.deepEqual(await client.call('unban', { subject: 'second' }), { subject: id, unbanned: true })
    await assert.rejects(client.call('ban', { subject: 'x'.repeat(52) }), { name: 'AdminError', remoteName: 'ConfigError' })
  })

  it('takes no name of a peer for an address or the id of another peer', async () => {
    const { network, other, client } = await scene()
    const gone = peerIdFromPrivateKey(await generateKeyPair('Ed25519')).toString()
    const names = ['203.0.113.7', '2001:db8::/64', gone]
    const liars = await Promise.all(names.map(async (nodeId) => start({ nodeId, seedPeers: network.libp2p.getMultiaddrs().map(String) })))
    await untilPeers(network, 1 + liars.length)

    for (const name of names) {
      assert.equal((await client.call<{ subject: string }>('ban', { subject: name })).subject, name)
      await assert.rejects(client.call('peer', { peer: name }), { name: 'AdminError', message: /^No ready peer/ })
      await assert.rejects(client.call('disconnect', { peer: name }), { name: 'AdminError', message: /^No ready peer/ })
    }

    assert.deepEqual(
      new Set(Array.from(network.peers, ({ id }) => id)), new Set([other, ...liars].map(({ libp2p }) => libp2p.peerId.toString()))
    )
  })

  it('says what it can ban, and which bans there are', async () => {
    const { client } = await scene()
    const cases: [string, string, string][] = [
      ['ban', 'gone', 'No ready peer has the name or the end `gone`: give its whole id, or an IP address'],
      ['ban', '127.0.0.1', 'Nothing keeps out all of this machine (127.0.0.1): ban its peers by their ids'],
      ['ban', '::1', 'Nothing keeps out all of this machine (::1): ban its peers by their ids'],
      ['unban', 'second', 'No banned peer has the name or the end `second`: give its id, or the IP address, as `bans` shows it']
    ]

    for (const [method, subject, message] of cases) {
      await assert.rejects(client.call(method, { subject }), { name: 'AdminError', message })
    }

    assert.deepEqual(await client.call('bans'), [])
  })

  it('ends a session, and opens one', async () => {
    const { network, other, id, client } = await scene()
    const [address] = other.libp2p.getMultiaddrs().map(String)

    assert.deepEqual(await client.call('disconnect', { peer: id }), { peer: id, disconnected: true })
    await untilPeers(network, 0)
    // what is dialled while the old connection still closes would go through that one
    await eventually(() => [network, other].every(({ libp2p }) => libp2p.getConnections().length === 0), 'the connection to be closed')
    assert.equal((await client.call<PeerStatus>('connect', { address })).id, id)
    await assert.rejects(client.call('connect', { address: 'seed.example' }), { name: 'AdminError', message: 'Expected `address` to be a multiaddr such as /ip4/203.0.113.7/tcp/8765' })
  })

  it('changes the caps of bandwidth, and takes them away', async () => {
    const { network, client } = await scene()

    assert.deepEqual(await client.call('setBandwidth', { upload: 5000, peerUpload: 2000 }), { upload: 5000, download: null, peerUpload: 2000, peerDownload: null })
    assert.equal(network.bandwidth.upload, 5000)
    assert.deepEqual(await client.call('setBandwidth', { upload: null }), { upload: null, download: null, peerUpload: 2000, peerDownload: null })
    assert.equal(network.bandwidth.upload, Infinity)
    await assert.rejects(client.call('setBandwidth', { upload: 1 }), { name: 'AdminError', remoteName: 'ConfigError' })
    await assert.rejects(client.call('setBandwidth', { sideways: 1 } satisfies Record<string, number> & Partial<Bandwidth>), {
      message: 'Unknown parameter `sideways`'
    })
  })

  it('refuses parameters of another type, and those that a method does not have', async () => {
    await start({ dataDir: path('a'), admin: true })
    const client = await ask()
    const cases: [string, object, string][] = [
      ['peer', {}, 'Expected `peer` to be a text'],
      ['peer', { peer: 5 }, 'Expected `peer` to be a text of at most 1024 characters'],
      ['peer', { peer: 'x'.repeat(1025) }, 'Expected `peer` to be a text of at most 1024 characters'],
      ['ban', { subject: '203.0.113.7', duration: '5' }, 'Expected `duration` to be a number'],
      ['status', { verbose: true }, 'Unknown parameter `verbose`'],
      ['frobnicate', {}, 'Unknown method `frobnicate`']
    ]

    for (const [method, params, message] of cases) {
      await assert.rejects(client.call(method, params as Record<string, unknown>), { name: 'AdminError', message })
    }
  })

  it('takes N connections, and ends the next one', async () => {
    await start({ dataDir: path('a'), admin: true })
    const socket = await socketPath(path('a'))
    const lines = await Promise.all(Array.from({ length: MAX_ADMIN_CONNECTIONS }, async () => AdminLine.open(socket)))

    for (const [i, line] of lines.entries()) {
      line.ask(i, 'process')
      assert.equal((await line.next()).id, i)
    }

    const last = await AdminLine.open(socket)
    await last.closed
    lines.forEach((line) => { line.socket.destroy() })
  })

  it('is gone when the network has stopped, and takes its clients with it', async () => {
    const { network, client } = await scene()
    const end = assert.rejects(client.call('connect', { address: '/ip4/127.0.0.1/tcp/1' }), { name: 'AdminError' })
    await network.stop()
    await end
    await assert.rejects(client.call('status'), { name: 'AdminError', message: /^The node has ended the connection/ })
    assert.equal((await readdir(path('a'))).includes('admin.sock'), false)
    await assert.rejects(AdminClient.connect(path('a')), { name: 'AdminError', message: /^No node runs on .*, or it has no admin socket/ })
  })

  it('is not there unless asked for, and needs a directory', async () => {
    await start({ dataDir: path('a') })
    assert.equal((await readdir(path('a'))).includes('admin.sock'), false)
    await assert.rejects(startNetwork({ genesisHash: GENESIS, admin: true }), { name: 'ConfigError', message: 'Expected `dataDir` with `admin`: the socket lies there' })
  })

  it('leaves no node running where the socket cannot be opened', async () => {
    const { listenOn } = await import('../../src/admin/listen.ts')
    const { mkdir } = await import('node:fs/promises')
    await mkdir(path('a'))
    const server = createServer((socket) => { socket.destroy() })
    const close = await listenOn(server, path('a'))
    await assert.rejects(start({ dataDir: path('a'), admin: true }), { name: 'StorageError', message: /another node answers on it/ })
    server.close()
    await close()
    // its directory is free again
    await start({ dataDir: path('a'), admin: true })
  })

  it('is where the command has the network', async () => {
    await start({ dataDir: path('a', 'network'), admin: true })
    assert.equal((await (await ask(path('a'))).call<ProcessStatus>('process')).dataDir, path('a', 'network'))
  })
})

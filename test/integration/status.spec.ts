import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { inspect } from 'node:util'
import { multiaddr } from '@multiformats/multiaddr'
import { connect, GENESIS_HASH, nextEvent, startNode, stopNodes } from './nodes.ts'
import { eventually } from '../support/eventually.ts'
import { MemoryChain } from '../support/memory-chain.ts'
import { sampleChain, sampleTransaction } from '../support/sample.ts'
import { PROTOCOL_VERSION } from '../../src/index.ts'
import type { Network, NetworkStatus, Verdict } from '../../src/index.ts'
import type { AddressManager } from '@libp2p/interface-internal'
import type { AddressInfo, Socket } from 'node:net'

const CHAIN = sampleChain(4)

/** The status, which JSON has to keep as it is. */
function statusOf (network: Network): NetworkStatus {
  const status = network.status()
  assert.deepEqual(JSON.parse(JSON.stringify(status)), status)

  return status
}

describe('integration/status: status', () => {
  afterEach(stopNodes)

  it('says who the node is, where, and what it is bound by, before it has a peer', async () => {
    const chain = new MemoryChain(CHAIN)
    const node = await startNode({ nodeId: 'a', chain, userAgent: 'test/1', maxInbound: 5, bandwidth: { upload: 4096 } })
    const status = statusOf(node)

    assert.deepEqual(status.node, {
      peerId: node.libp2p.peerId.toString(),
      nodeId: 'a',
      userAgent: 'test/1',
      network: 'vibecoin-test',
      genesisHash: Buffer.from(GENESIS_HASH).toString('hex'),
      protocolVersion: PROTOCOL_VERSION
    })
    assert.deepEqual(status.addresses.map(({ source, scope, isTested }) => [source, scope, isTested]), [['listen', 'loopback', false]])
    assert.deepEqual(status.tip, { height: 3, hash: Buffer.from(CHAIN.at(-1)!.hash).toString('hex') })
    assert.deepEqual([status.sync.state, status.sync.isAutomatic, status.sync.best], ['unknown', true, null])
    assert.deepEqual(status.slots, {
      inbound: { used: 0, limit: 5 },
      outbound: { used: 0, limit: 8 },
      blockOnly: { used: 0, limit: 2 },
      reserved: { used: 0, limit: 0 },
      pending: 0
    })
    assert.deepEqual(status.bandwidth.limits, { upload: 4096, download: null, peerUpload: null, peerDownload: null })
    assert.deepEqual(status.peers, [])
    assert(status.uptime > 0 && status.uptime < 60_000)
    await node.stop()
    assert.equal(statusOf(node).uptime, 0)
  })

  it('says that no peer is told of an address at which one has only seen the node', async () => {
    const node = await startNode({ listen: ['/ip4/0.0.0.0/tcp/0'] })
    const { components: { addressManager } } = node.libp2p as unknown as { components: { addressManager: AddressManager } }
    addressManager.addObservedAddr(multiaddr('/ip4/8.8.8.8/udp/4001/quic-v1'))
    const toldTo = (): Record<string, string> => Object.fromEntries(statusOf(node).addresses.map(({ source, toldTo }) => [source, toldTo]))
    assert.equal(toldTo()['observed'], 'none')
    assert.notEqual(toldTo()['listen'], 'none')
    addressManager.confirmObservedAddr(multiaddr('/ip4/8.8.8.8/udp/4001/quic-v1'))
    await eventually(() => toldTo()['observed'] === 'all', 'an address that a peer has reached')
  })

  it('says of a peer what has passed, and of the chain how far it is behind', async () => {
    const ahead = await startNode({ nodeId: 'ahead', chain: new MemoryChain(CHAIN) })
    const behind = await startNode({ chain: new MemoryChain(CHAIN.slice(0, 1)), autoSync: false })
    const { there } = await connect(behind, ahead)
    assert.deepEqual(
      [statusOf(behind).sync.state, statusOf(behind).sync.behind, statusOf(behind).sync.best, statusOf(ahead).sync.state],
      ['behind', 3, 3, 'synced']
    )
    const ended = nextEvent(behind, 'sync:end')
    await behind.sync()
    await ended
    const { sync, peers: [peer], bandwidth, slots } = statusOf(behind)
    assert.deepEqual([sync.state, sync.behind, sync.progress], ['synced', 0, null])
    assert.deepEqual(sync.lastEnd, { at: sync.lastEnd?.at, from: 0, height: 3, reorganised: false, error: null, faults: [] })
    assert.deepEqual([peer?.id, peer?.nodeId, peer?.direction, slots.outbound.used], [there.id, 'ahead', 'outbound', 1])
    assert(peer?.messages.in.responseBlockRange != null && peer.messages.out.requestBlockRange != null)
    assert.deepEqual(bandwidth.in.byType, peer.messages.in)
    assert.deepEqual(JSON.parse(JSON.stringify(behind.peers)), statusOf(behind).peers)
    assert.match(inspect(behind.peers), /^Peers \[\s+Peer \{/)
  })

  it('counts handlers, what was of use, and goes on counting when a session has ended', async () => {
    const receiver = await startNode({ handlers: { newTransaction: async (): Promise<Verdict> => 'accept' } })
    const sender = await startNode()
    const { here } = await connect(sender, receiver)
    sender.broadcast({ type: 'newTransaction', transaction: sampleTransaction() })
    await nextEvent(receiver, 'transaction')
    assert.deepEqual([here.toJSON().handlers.calls, here.toJSON().useful.transactions], [1, 1])
    const { byType } = statusOf(receiver).bandwidth.in
    assert.equal(byType.newTransaction?.messages, 1)
    const closed = nextEvent(receiver, 'peer:closed')
    receiver.peers.ban(here.id, { duration: Infinity, reason: 'a test' })
    await closed
    await eventually(() => statusOf(receiver).peers.length === 0, 'the end of the session')
    const { bandwidth, bans: { count, first: [ban] } } = statusOf(receiver)
    assert.deepEqual(bandwidth.in.byType.newTransaction, byType.newTransaction)
    assert.deepEqual([count, ban?.subject, ban?.reason], [1, here.id, 'a test'])
  })

  it('says whom the node dials, and why it does not', async () => {
    const other = await startNode({ network: 'vibecoin-other' })
    const seed = other.libp2p.getMultiaddrs()[0]!.toString()
    const node = await startNode({ seedPeers: [seed] })
    await nextEvent(node, 'dial:failed')
    const { dials: { targets: [target], known }, sources: { list } } = statusOf(node)
    assert.deepEqual([known, target?.source, target?.state, target?.failures], [1, 'seed', 'waiting', 1])
    assert.match(target?.lastError ?? '', /network/i)
    assert.deepEqual(list, [{ name: 'seed', targets: 1, ready: 0, failing: 1, askedAt: null, found: 0 }])
  })
  it('says of an address that takes connections and says nothing just that', async () => {
    const sockets: Socket[] = []
    const silent = createServer((socket) => {
      socket.on('error', () => {})
      sockets.push(socket)
    })
    await once(silent.listen(0, '127.0.0.1'), 'listening')

    try {
      const node = await startNode({ seedPeers: [`/ip4/127.0.0.1/tcp/${(silent.address() as AddressInfo).port}`] })
      const { error } = await nextEvent(node, 'dial:failed')
      assert.deepEqual([error.name, error.message], ['TimeoutError', 'Connected, and then no answer in time'])
      assert.equal(statusOf(node).dials.targets[0]?.lastError, 'Connected, and then no answer in time')
    } finally {
      sockets.forEach((socket) => { socket.destroy() })
      silent.close()
    }
  })
})

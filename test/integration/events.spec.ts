import assert from 'node:assert/strict'
import { freePorts } from './nodes.ts'
import { featureBits } from '../../src/codec/features.ts'
import { DEFAULTS, FEATURES, PROTOCOL_VERSION } from '../../src/index.ts'
import { createTestNetwork, sampleBlock, sampleChain, sampleTransaction } from '../../src/testing/index.ts'
import type { Block, ChainSource, Peer } from '../../src/index.ts'

const [GENESIS] = sampleChain(1) as [Block]

/** Two nodes without a chain, of which the first has dialled the second, or is to. */
const PAIR = { nodes: 2, topology: [[0, 1]], options: { chain: undefined } } as const
const STRANGERS = { ...PAIR, topology: [] } as const

describe('integration/events: events', () => {
  it('peer:ready has the peer, on both sides, which is among the peers by then', async () => {
    await using network = await createTestNetwork(STRANGERS)
    const [a, b] = network.nodes
    const found: boolean[] = []
    a.on('peer:ready', (peer) => { found.push(a.network.peers.get(peer.id) === peer, [...a.network.peers].includes(peer)) })
    await network.connect(0, 1)
    const [there, here] = [await a.peer(b), await b.peer(a)]

    assert.deepEqual(found, [true, true])
    assert.deepEqual([there.id, there.nodeId, there.direction, there.state], [b.id, 'node-1', 'outbound', 'ready'])
    assert.deepEqual([here.id, here.nodeId, here.direction, here.state], [a.id, 'node-0', 'inbound', 'ready'])
  })

  it('peer:closed has the peer and the reason, once on each side, and the peer is not among the peers any more', async () => {
    // on a connection of its own: an edge would be dialled again
    await using network = await createTestNetwork(STRANGERS)
    const [a, b] = network.nodes
    await a.network.connect(b.address)
    const [there, here] = [await a.peer(b), await b.peer(a)]
    const closures: unknown[] = []

    for (const node of [a, b]) {
      node.on('peer:closed', ({ peer, reason, detail, byRemote }) => {
        closures.push([peer === there || peer === here, peer.state, reason, detail, byRemote, node.network.peers.get(peer.id)])
      })
    }

    assert.equal(a.network.peers.disconnect(there.id, 'good night'), true)
    await network.until('both closures', () => closures.length === 2)
    assert.deepEqual(closures, [
      [true, 'closed', 'SHUTDOWN', 'good night', false, undefined],
      [true, 'closed', 'SHUTDOWN', 'good night', true, undefined]
    ])
    assert.equal(a.network.peers.disconnect(there.id), false)
  })

  it('peer:closed has no reason where the connection broke', async () => {
    await using network = await createTestNetwork(PAIR)
    const [a, b] = network.nodes
    const closed = b.once('peer:closed')
    a.network.libp2p.getConnections()[0]!.abort(new Error('the cable'))
    const { peer, reason, byRemote } = await closed
    assert.deepEqual([peer.id, reason, byRemote], [a.id, undefined, true])
  })

  it('peer:refused has the same shape, on both sides', async () => {
    await using network = await createTestNetwork({ ...STRANGERS, options: (index) => index === 0 ? {} : { network: 'vibecoin-other' } })
    const [ours, theirs] = network.nodes
    const refusals = [ours.once('peer:refused'), theirs.once('peer:refused')]
    let ready = 0
    ours.on('peer:ready', () => { ready++ })
    await assert.rejects(theirs.network.connect(ours.address), { name: 'DisconnectedError' })
    const [here, there] = await Promise.all(refusals)

    assert.deepEqual([here?.peer.id, here?.reason, here?.peer.direction, here?.peer.state], [theirs.id, 'WRONG_NETWORK', 'inbound', 'closed'])
    assert.deepEqual([there?.peer.id, there?.reason, there?.peer.direction, there?.peer.state], [ours.id, 'WRONG_NETWORK', 'outbound', 'closed'])
    assert.deepEqual([typeof here?.detail, typeof here?.byRemote, here?.peer.readyAt], ['string', 'boolean', undefined])
    assert.equal(ready, 0)
  })

  it('dial:failed has who, why, how often and when again', async () => {
    const [port] = await freePorts(1) as [number]
    const target = `/ip4/127.0.0.1/tcp/${port}`
    await using network = await createTestNetwork({
      nodes: 1, options: { seedPeers: [target], reconnectDelay: 100, maxReconnectDelay: 100 }
    })
    const [node] = network.nodes

    for (const failures of [1, 2]) {
      const failure = await node.once('dial:failed')
      assert.deepEqual([failure.target, failure.failures, failure.retryIn], [target, failures, 100])
      assert.ok(failure.error instanceof Error)
    }
  })

  it('block and transaction have the item and who sent it, when it was accepted', async () => {
    await using network = await createTestNetwork(PAIR)
    const [a, b] = network.nodes
    const here = await b.peer(a)
    const events: unknown[] = []
    b.network.router.handle('newBlock', async ({ height }) => height === 1 ? 'reject' : 'accept')
    b.on('block', ({ block, peer }) => { events.push(['block', block, peer === here]) })
    b.on('transaction', ({ transaction, peer }) => { events.push(['transaction', transaction, peer === here]) })

    a.network.broadcast({ type: 'newBlock', block: sampleBlock({ height: 1 }) })
    a.network.broadcast({ type: 'newBlock', block: sampleBlock({ height: 2 }) })
    await network.until('the block', () => events.length === 1)
    a.send(sampleTransaction())
    await network.until('the transaction', () => events.length === 2)
    assert.deepEqual(events, [['block', sampleBlock({ height: 2 }), true], ['transaction', sampleTransaction(), true]])
    assert.equal(here.bestHeight, 2)
  })

  it('survive listeners that throw: the others are called, and the session goes on', async () => {
    await using network = await createTestNetwork(STRANGERS)
    const [{ network: a }, { network: b }] = network.nodes
    const heights: number[] = []
    const bug = new Error('a bug of the application')

    for (const type of ['block', 'peer:ready', 'peer:closed'] as const) {
      b.addEventListener(type, () => { throw bug })
      // eslint-disable-next-line @typescript-eslint/no-misused-promises -- what an application does all the same
      b.addEventListener(type, async () => Promise.reject(bug))
    }

    b.addEventListener('block', ({ detail }) => { heights.push(detail.block.height) })
    await network.connect(0, 1)
    const here = await network.nodes[1].peer(network.nodes[0])
    a.broadcast({ type: 'newBlock', block: sampleBlock({ height: 1 }) })
    a.broadcast({ type: 'newBlock', block: sampleBlock({ height: 2 }) })
    await network.until('two blocks', () => heights.length === 2)
    assert.deepEqual([heights, here.state], [[1, 2], 'ready'])

    const closed = network.nodes[1].once('peer:closed')
    await network.stop(0)
    assert.equal((await closed).peer, here)
    assert.deepEqual(b.peers.counts, { inbound: 0, outbound: 0, blockOnly: 0, pending: 0, reserved: 0 })
  })

  it('come to no listener that was removed', async () => {
    await using network = await createTestNetwork(PAIR)
    const [a, { network: b }] = network.nodes
    const before = b.listenerCount('block')
    let calls = 0
    const listener = (): void => { calls++ }
    b.addEventListener('block', listener)
    assert.equal(b.listenerCount('block'), before + 1)
    b.removeEventListener('block', listener)
    a.network.broadcast({ type: 'newBlock', block: sampleBlock() })
    await network.untilHeard(sampleBlock())
    assert.equal(calls, 0)
  })
})

describe('integration/events: peers', () => {
  it('are those with a ready session, counted by direction', async () => {
    await using network = await createTestNetwork({ nodes: 3, topology: [[1, 0], [0, 2]], options: { chain: undefined } })
    const [{ network: hub }, a, b] = network.nodes
    const raw = await network.rawPeer()
    await raw.open(hub)
    await network.until('the handshake', () => hub.peers.counts.pending === 1)

    assert.deepEqual(hub.peers.counts, { inbound: 1, outbound: 1, blockOnly: 0, pending: 1, reserved: 0 })
    assert.deepEqual([...hub.peers].map(({ id }) => id).toSorted(), [a.id, b.id].toSorted())
    assert.equal(hub.peers.get(a.id)?.direction, 'inbound')
    assert.equal(hub.peers.get(raw.id), undefined)
    assert.equal(hub.peers.get('nobody'), undefined)

    const closed = network.nodes[0].once('peer:closed')
    await network.stop(1)
    await closed
    assert.deepEqual(hub.peers.counts, { inbound: 0, outbound: 1, blockOnly: 0, pending: 1, reserved: 0 })
    assert.deepEqual([...hub.peers].map(({ id }) => id), [b.id])
  })

  it('tell what is known of them', async () => {
    const chain = sampleChain(8)
    const source: ChainSource = { tip: () => chain[7]!, get: (height) => chain[height] }
    const genesis: ChainSource = { tip: () => GENESIS, get: () => GENESIS }
    await using network = await createTestNetwork({
      ...STRANGERS,
      chain: (index) => index === 0 ? genesis : source,
      options: (index) => index === 0 ? { pingInterval: 50, chain: undefined } : { userAgent: 'test/1.2.3' }
    })
    const [a, b] = network.nodes
    const before = Date.now()
    await a.network.connect(b.address)
    const [there, here] = [await a.peer(b), await b.peer(a)]
    const after = Date.now()

    assert.deepEqual(there.info, {
      protocolVersion: PROTOCOL_VERSION,
      network: 'vibecoin-test',
      genesisHash: GENESIS.hash,
      nodeId: 'node-1',
      userAgent: 'test/1.2.3',
      listenAddrs: b.network.libp2p.getMultiaddrs().map(({ bytes }) => bytes),
      bestHeight: 7,
      bestHash: chain[7]!.hash,
      features: featureBits(FEATURES)
    })
    assert.deepEqual([there.userAgent, here.userAgent, there.bestHeight, here.bestHeight], ['test/1.2.3', DEFAULTS.userAgent, 7, 0])
    assert.deepEqual([here.info?.bestHash, here.info?.nodeId], [GENESIS.hash, 'node-0'])
    assert.equal(there.address, b.address)
    assert.match(here.address, /^\/ip4\/127\.0\.0\.1\/tcp\/\d+/)

    for (const { readyAt } of [there, here]) {
      assert.ok(readyAt != null && readyAt >= before - 1 && readyAt <= after + 1)
    }

    await network.until('the first pings', () => there.rtt != null && here.rtt != null)
    assert.ok(there.rtt! >= 0 && there.rtt! < 5000)
  })

  it('grow in bytes and height', async () => {
    let height = 3
    const growing: ChainSource = { tip: () => ({ height, hash: GENESIS.hash }), get: (at) => at === 0 ? GENESIS : undefined }
    await using network = await createTestNetwork({
      ...PAIR, chain: () => growing, options: (index) => index === 0 ? { chain: undefined } : { pingInterval: 20 }
    })
    const [a, b] = network.nodes
    const [there, here] = [await a.peer(b), await b.peer(a)]
    const [bytesIn, bytesOut] = [here.bytesIn, there.bytesOut]
    const block = sampleBlock({ proof: new Uint8Array(10_000) })
    const received = b.once('block')
    a.network.broadcast({ type: 'newBlock', block })
    await received
    assert.ok(here.bytesIn - bytesIn > 10_000 && there.bytesOut - bytesOut > 10_000)

    height = 12
    await network.until('the height in a ping', () => there.bestHeight === 12)
  })

  it('stay as they were when the session has ended', async () => {
    await using network = await createTestNetwork(PAIR)
    const [a, b] = network.nodes
    const there = await a.peer(b)
    const facts = ({ id, nodeId, userAgent, address, direction, readyAt, info, bestHeight }: Peer): unknown[] => {
      return [id, nodeId, userAgent, address, direction, readyAt, info, bestHeight]
    }
    const before = facts(there)
    await network.stop(1)
    await network.until('its end', () => there.state === 'closed')
    const { bytesIn } = there
    assert.deepEqual(facts(there), before)
    assert.ok(bytesIn > 0 && there.bytesIn === bytesIn)
  })
})

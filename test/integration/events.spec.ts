import assert from 'node:assert/strict'
import { addressOf, connect, freePorts, GENESIS_HASH, nextEvent, startNode, startRawPeer, stopNodes } from './nodes.ts'
import { eventually } from '../support/eventually.ts'
import { sampleBlock, sampleChain, sampleTransaction } from '../support/sample.ts'
import { featureBits } from '../../src/codec/features.ts'
import { DEFAULTS, FEATURES, PROTOCOL_VERSION } from '../../src/index.ts'
import type { Network, Peer } from '../../src/index.ts'

function idOf (network: Network): string {
  return network.libp2p.peerId.toString()
}

describe('integration/events: events', () => {
  afterEach(stopNodes)

  it('peer:ready has the peer, on both sides, which is among the peers by then', async () => {
    const [a, b] = await Promise.all([startNode({ nodeId: 'a' }), startNode({ nodeId: 'b' })])
    const found: boolean[] = []
    a.addEventListener('peer:ready', ({ detail }) => { found.push(a.peers.get(detail.id) === detail, [...a.peers].includes(detail)) })
    const { there, here } = await connect(a, b)

    assert.deepEqual(found, [true, true])
    assert.deepEqual([there.id, there.nodeId, there.direction, there.state], [idOf(b), 'b', 'outbound', 'ready'])
    assert.deepEqual([here.id, here.nodeId, here.direction, here.state], [idOf(a), 'a', 'inbound', 'ready'])
  })

  it('peer:closed has the peer and the reason, once on each side, and the peer is not among the peers any more', async () => {
    const [a, b] = await Promise.all([startNode(), startNode()])
    const { there, here } = await connect(a, b)
    const closures: unknown[] = []

    for (const node of [a, b]) {
      node.addEventListener('peer:closed', ({ detail: { peer, reason, detail, byRemote } }) => {
        closures.push([peer === there || peer === here, peer.state, reason, detail, byRemote, node.peers.get(peer.id)])
      })
    }

    assert.equal(a.peers.disconnect(there.id, 'good night'), true)
    await eventually(() => closures.length === 2, 'both closures')
    assert.deepEqual(closures, [
      [true, 'closed', 'SHUTDOWN', 'good night', false, undefined],
      [true, 'closed', 'SHUTDOWN', 'good night', true, undefined]
    ])
    assert.equal(a.peers.disconnect(there.id), false)
  })

  it('peer:closed has no reason where the connection broke', async () => {
    const [a, b] = await Promise.all([startNode(), startNode()])
    await connect(a, b)
    const closed = nextEvent(b, 'peer:closed')
    a.libp2p.getConnections()[0]!.abort(new Error('the cable'))
    const { peer, reason, byRemote } = await closed
    assert.deepEqual([peer.id, reason, byRemote], [idOf(a), undefined, true])
  })

  it('peer:refused has the same shape, on both sides', async () => {
    const [ours, theirs] = await Promise.all([startNode(), startNode({ network: 'vibecoin-other' })])
    const refusals = [nextEvent(ours, 'peer:refused'), nextEvent(theirs, 'peer:refused')]
    let ready = 0
    ours.addEventListener('peer:ready', () => { ready++ })
    await assert.rejects(theirs.connect(addressOf(ours)), { name: 'DisconnectedError' })
    const [here, there] = await Promise.all(refusals)

    assert.deepEqual([here?.peer.id, here?.reason, here?.peer.direction, here?.peer.state], [idOf(theirs), 'WRONG_NETWORK', 'inbound', 'closed'])
    assert.deepEqual([there?.peer.id, there?.reason, there?.peer.direction, there?.peer.state], [idOf(ours), 'WRONG_NETWORK', 'outbound', 'closed'])
    assert.deepEqual([typeof here?.detail, typeof here?.byRemote, here?.peer.readyAt], ['string', 'boolean', undefined])
    assert.equal(ready, 0)
  })

  it('dial:failed has who, why, how often and when again', async () => {
    const [port] = await freePorts(1) as [number]
    const target = `/ip4/127.0.0.1/tcp/${port}`
    const node = await startNode({ seedPeers: [target], reconnectDelay: 100, maxReconnectDelay: 100 })

    for (const failures of [1, 2]) {
      const failure = await nextEvent(node, 'dial:failed')
      assert.deepEqual([failure.target, failure.failures, failure.retryIn], [target, failures, 100])
      assert.ok(failure.error instanceof Error)
    }
  })

  it('block and transaction have the item and who sent it, when it was accepted', async () => {
    const [a, b] = await Promise.all([startNode(), startNode()])
    const { here } = await connect(a, b)
    const events: unknown[] = []
    b.router.handle('newBlock', async ({ height }) => height === 1 ? 'reject' : 'accept')
    b.addEventListener('block', ({ detail }) => { events.push(['block', detail.block, detail.peer === here]) })
    b.addEventListener('transaction', ({ detail }) => { events.push(['transaction', detail.transaction, detail.peer === here]) })

    a.broadcast({ type: 'newBlock', block: sampleBlock({ height: 1 }) })
    a.broadcast({ type: 'newBlock', block: sampleBlock({ height: 2 }) })
    await eventually(() => events.length === 1, 'the block')
    a.broadcast({ type: 'newTransaction', transaction: sampleTransaction() })
    await eventually(() => events.length === 2, 'the transaction')
    assert.deepEqual(events, [['block', sampleBlock({ height: 2 }), true], ['transaction', sampleTransaction(), true]])
    assert.equal(here.bestHeight, 2)
  })

  it('survive listeners that throw: the others are called, and the session goes on', async () => {
    const [a, b] = await Promise.all([startNode(), startNode()])
    const heights: number[] = []
    const bug = new Error('a bug of the application')

    for (const type of ['block', 'peer:ready', 'peer:closed'] as const) {
      b.addEventListener(type, () => { throw bug })
      // eslint-disable-next-line @typescript-eslint/no-misused-promises -- what an application does all the same
      b.addEventListener(type, async () => Promise.reject(bug))
    }

    b.addEventListener('block', ({ detail }) => { heights.push(detail.block.height) })
    const { here } = await connect(a, b)
    a.broadcast({ type: 'newBlock', block: sampleBlock({ height: 1 }) })
    a.broadcast({ type: 'newBlock', block: sampleBlock({ height: 2 }) })
    await eventually(() => heights.length === 2, 'two blocks')
    assert.deepEqual([heights, here.state], [[1, 2], 'ready'])

    const closed = nextEvent(b, 'peer:closed')
    await a.stop()
    assert.equal((await closed).peer, here)
    assert.deepEqual(b.peers.counts, { inbound: 0, outbound: 0, blockOnly: 0, pending: 0, reserved: 0 })
  })

  it('come to no listener that was removed', async () => {
    const [a, b] = await Promise.all([startNode(), startNode()])
    let calls = 0
    const listener = (): void => { calls++ }
    b.addEventListener('block', listener)
    assert.equal(b.listenerCount('block'), 1)
    b.removeEventListener('block', listener)
    const received = nextEvent(b, 'block')
    await connect(a, b)
    a.broadcast({ type: 'newBlock', block: sampleBlock() })
    await received
    assert.equal(calls, 0)
  })
})

describe('integration/events: peers', () => {
  afterEach(stopNodes)

  it('are those with a ready session, counted by direction', async () => {
    const [hub, a, b] = await Promise.all([startNode(), startNode(), startNode()])
    await connect(a, hub)
    await connect(hub, b)
    const raw = await startRawPeer()
    await raw.open(hub)
    await eventually(() => hub.peers.counts.pending === 1, 'the handshake')

    assert.deepEqual(hub.peers.counts, { inbound: 1, outbound: 1, blockOnly: 0, pending: 1, reserved: 0 })
    assert.deepEqual([...hub.peers].map(({ id }) => id).toSorted(), [idOf(a), idOf(b)].toSorted())
    assert.equal(hub.peers.get(idOf(a))?.direction, 'inbound')
    assert.equal(hub.peers.get(raw.id), undefined)
    assert.equal(hub.peers.get('nobody'), undefined)

    const closed = nextEvent(hub, 'peer:closed')
    await a.stop()
    await closed
    assert.deepEqual(hub.peers.counts, { inbound: 0, outbound: 1, blockOnly: 0, pending: 1, reserved: 0 })
    assert.deepEqual([...hub.peers].map(({ id }) => id), [idOf(b)])
  })

  it('tell what is known of them', async () => {
    const chain = sampleChain(8)
    const [a, b] = await Promise.all([
      startNode({ nodeId: 'a', pingInterval: 50 }),
      startNode({ nodeId: 'b', userAgent: 'test/1.2.3', chain: { tip: () => chain[7]!, get: (height) => chain[height] } })
    ])
    const before = Date.now()
    const { there, here } = await connect(a, b)
    const after = Date.now()

    assert.deepEqual(there.info, {
      protocolVersion: PROTOCOL_VERSION,
      network: 'vibecoin-test',
      genesisHash: GENESIS_HASH,
      nodeId: 'b',
      userAgent: 'test/1.2.3',
      listenAddrs: b.libp2p.getMultiaddrs().map(({ bytes }) => bytes),
      bestHeight: 7,
      bestHash: chain[7]!.hash,
      features: featureBits(FEATURES)
    })
    assert.deepEqual([there.userAgent, here.userAgent, there.bestHeight, here.bestHeight], ['test/1.2.3', DEFAULTS.userAgent, 7, 0])
    assert.deepEqual([here.info?.bestHash, here.info?.nodeId], [GENESIS_HASH, 'a'])
    assert.equal(there.address, addressOf(b))
    assert.match(here.address, /^\/ip4\/127\.0\.0\.1\/tcp\/\d+/)

    for (const { readyAt } of [there, here]) {
      assert.ok(readyAt != null && readyAt >= before - 1 && readyAt <= after + 1)
    }

    await eventually(() => there.rtt != null && here.rtt != null, 'the first pings')
    assert.ok(there.rtt! >= 0 && there.rtt! < 5000)
  })

  it('grow in bytes and height', async () => {
    let height = 3
    const [a, b] = await Promise.all([
      startNode(), startNode({ pingInterval: 20, chain: { tip: () => ({ height, hash: GENESIS_HASH }), get: () => undefined } })
    ])
    const { there, here } = await connect(a, b)
    const [bytesIn, bytesOut] = [here.bytesIn, there.bytesOut]
    const received = nextEvent(b, 'block')
    a.broadcast({ type: 'newBlock', block: sampleBlock({ proof: new Uint8Array(10_000) }) })
    await received
    assert.ok(here.bytesIn - bytesIn > 10_000 && there.bytesOut - bytesOut > 10_000)

    height = 12
    await eventually(() => there.bestHeight === 12, 'the height in a ping')
  })

  it('stay as they were when the session has ended', async () => {
    const [a, b] = await Promise.all([startNode(), startNode({ nodeId: 'b' })])
    const { there } = await connect(a, b)
    const facts = ({ id, nodeId, userAgent, address, direction, readyAt, info, bestHeight }: Peer): unknown[] => {
      return [id, nodeId, userAgent, address, direction, readyAt, info, bestHeight]
    }
    const before = facts(there)
    await b.stop()
    await eventually(() => there.state === 'closed', 'its end')
    const { bytesIn } = there
    assert.deepEqual(facts(there), before)
    assert.ok(bytesIn > 0 && there.bytesIn === bytesIn)
  })
})

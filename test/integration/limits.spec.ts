import assert from 'node:assert/strict'
import { addressOf, connect, nextEvent, startNode, stopNodes } from './nodes.ts'
import { eventually, turns } from '../support/eventually.ts'
import { encodeBlock } from '../../src/codec/items/items.ts'
import { MAX_FRAME_BYTES, maxItemBytes } from '../../src/codec/limits.ts'
import { createTestNetwork, received, sampleBlockHash, sampleChain } from '../../src/testing/index.ts'
import type { Block, Network } from '../../src/index.ts'

describe('integration/limits', () => {
  afterEach(stopNodes)

  it('let in no more than maxInbound and say TOO_MANY_CONNECTIONS to the rest', async () => {
    const hub = await startNode({ maxInbound: 3, maxOutbound: 0 })
    let most = 0

    hub.addEventListener('peer:ready', () => { most = Math.max(most, hub.peers.counts.inbound) })

    const clients = await Promise.all(Array.from({ length: 9 }, async () => startNode({ listen: [], maxOutbound: 1 })))
    // by client: one that was refused may try again
    const reasons = new Map<Network, unknown>()

    for (const client of clients) {
      // one whose handshake crossed with the refusal was ready for a moment
      client.addEventListener('peer:refused', ({ detail }) => { reasons.set(client, detail.reason) })
      client.addEventListener('peer:closed', ({ detail }) => { reasons.set(client, detail.reason) })
    }

    await Promise.allSettled(clients.map(async (client) => client.connect(addressOf(hub))))
    await eventually(() => reasons.size === 6, 'six refusals')

    assert.deepEqual([...reasons.values()], Array(6).fill('TOO_MANY_CONNECTIONS'))
    assert.equal(hub.peers.counts.inbound, 3)
    assert.equal(most, 3)
  })

  it('hold in a network of ten nodes that all dial each other', async () => {
    await using network = await createTestNetwork({ nodes: 10, topology: [], options: { maxInbound: 3, maxOutbound: 8 } })
    const nodes = network.nodes.map(({ network }) => network)
    const reasons: string[] = []
    let most = 0

    for (const node of network.nodes) {
      node.on('peer:ready', () => { most = Math.max(most, node.network.peers.counts.inbound) })
      node.on('peer:refused', ({ reason }) => { reasons.push(reason ?? 'none') })
    }

    await Promise.allSettled(nodes.flatMap((from) => nodes.filter((to) => to !== from).map(async (to) => from.connect(addressOf(to)))))
    await eventually(() => nodes.every((node) => node.peers.counts.pending === 0), 'no handshake under way')

    assert.ok(most <= 3, `${most} inbound peers at a time`)
    assert.ok(nodes.every(({ peers }) => peers.counts.inbound <= 3 && peers.counts.outbound <= 8))
    assert.ok(reasons.includes('TOO_MANY_CONNECTIONS'))
  })

  it('hold maxOutbound when there are more seeds', async () => {
    const seeds = await Promise.all(Array.from({ length: 4 }, async () => startNode({ maxOutbound: 0 })))
    const node = await startNode({ maxOutbound: 2, seedPeers: seeds.map(addressOf) })
    await eventually(() => node.peers.counts.outbound === 2, 'two outbound peers')
    const other = seeds.find(({ libp2p }) => node.peers.get(libp2p.peerId.toString()) == null)!
    await assert.rejects(node.connect(addressOf(other)), { name: 'DisconnectedError', reason: 'TOO_MANY_CONNECTIONS' })
    assert.equal(node.peers.counts.outbound, 2)
  })

  it('end the session with a banned peer and keep it out until it is let in again', async () => {
    const a = await startNode()
    const b = await startNode()
    await connect(a, b)

    const closed = nextEvent(a, 'peer:closed')
    b.peers.ban(a.libp2p.peerId.toString())
    assert.equal((await closed).reason, 'BANNED')
    // it hears the reason only where the connection is still there
    await assert.rejects(a.connect(addressOf(b)), { name: 'DisconnectedError', byRemote: true })
    await eventually(() => a.libp2p.getConnections().length === 0, 'the end of the connection')
    await assert.rejects(a.connect(addressOf(b)), { name: 'DisconnectedError', byRemote: true, reason: undefined })

    assert.ok(b.peers.unban(a.libp2p.peerId.toString()))
    await connect(a, b)
  })

  it('keep no peer out that connects as soon as its session has ended, at whichever moment of the end that is', async () => {
    const [a, b] = [await startNode({ maxOutbound: 1 }), await startNode({ maxOutbound: 0 })]
    const id = a.libp2p.peerId.toString()

    for (let moment = 0; moment < 24; moment++) {
      assert.equal((await a.connect(addressOf(b))).state, 'ready')
      const closed = nextEvent(a, 'peer:closed')
      b.peers.ban(id)
      await closed
      b.peers.unban(id)
      await turns(moment % 12)
    }
  })

  it('have a node dial a peer at once that it lets in again, however long it meant to wait', async () => {
    const banned = await startNode({ maxOutbound: 0 })
    // no failure is forgiven within the test
    const node = await startNode({ seedPeers: [addressOf(banned)], reconnectDelay: 600_000, maxReconnectDelay: 600_000 })
    const id = banned.libp2p.peerId.toString()
    await eventually(() => node.peers.get(id), 'the session')
    const closed = nextEvent(node, 'peer:closed')
    node.peers.ban(id)
    await closed
    const ready = nextEvent(node, 'peer:ready')
    node.peers.unban(id)
    assert.equal((await ready).id, id)
  })

  it('carry the largest block from who makes it to who comes later, and refuse one of a byte more where it is made', async () => {
    const chain = sampleChain(2)
    const rest = encodeBlock({ ...chain[1]!, proof: new Uint8Array(4_000_000) }).byteLength - 4_000_000
    const withHash = (block: Block): Block => ({ ...block, hash: sampleBlockHash(block) })
    const sized = (bytes: number): Block => withHash({ ...chain[1]!, proof: new Uint8Array(bytes - rest) })
    const most = maxItemBytes(MAX_FRAME_BYTES)
    await using network = await createTestNetwork({ nodes: 2 })
    const [a] = network.nodes
    assert.throws(() => a.network.broadcast({ type: 'newBlock', block: sized(most + 1) }), { name: 'EncodeError' })

    const block = sized(most)
    a.chain.push([received(block)])
    a.network.broadcast({ type: 'newBlock', block })
    await network.untilHeard(block)
    const late = await network.add({ to: [1] })
    const served = await late.network.requestBlock(1)
    assert.equal(served?.proof.byteLength, block.proof.byteLength)
  })
})

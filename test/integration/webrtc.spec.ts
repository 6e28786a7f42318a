import assert from 'node:assert/strict'
import { addressOf, connect, nextEvent, sessionOf, startNode, stopNodes, untilPeers } from './nodes.ts'
import { eventually } from '../support/eventually.ts'
import { MemoryChain } from '../support/memory-chain.ts'
import { sampleBlock, sampleChain } from '../support/sample.ts'
import type { Location } from '../../src/address/location.ts'
import type { Network, NetworkConfig } from '../../src/index.ts'

/** How long two nodes may take to find a path on a busy machine, in ms. */
const MOVE_TIMEOUT_MS = 40_000

function circuitsOf (node: Network): string[] {
  return node.libp2p.getMultiaddrs().map(String).filter((address) => address.includes('/p2p-circuit'))
}

function addressAt (node: Network, other: Network): string {
  return node.peers.get(other.libp2p.peerId.toString())?.address ?? ''
}

function isWebRtc (node: Network, other: Network): boolean {
  return /^\/ip[46]\/[^/]+\/udp\/\d+\/webrtc\/p2p\//.test(addressAt(node, other))
}

describe('integration/webrtc', function () {
  this.timeout(120_000)
  let relay: Network
  let called: Network
  let caller: Network

  afterEach(stopNodes)

  /** Two nodes, of which one knows of the other that it is reachable through a relay, and the relay has room for no other session. */
  async function startPair (config: { called?: Partial<NetworkConfig>, caller?: Partial<NetworkConfig> } = {}): Promise<void> {
    const nat = { relay: true, webrtc: true }
    relay = await startNode({ nat: { relayServer: true }, maxInbound: 1, ...common(config.called) })
    called = await startNode({ nat, seedPeers: [addressOf(relay)], ...config.called })
    await eventually(() => circuitsOf(called).length === 1, 'a reservation')
    caller = await startNode({ nat, listen: [], seedPeers: circuitsOf(called), maxOutbound: 1, ...config.caller })
    await untilPeers(caller, [called])
  }

  /** What the relay has to have too. */
  function common (config: Partial<NetworkConfig> = {}): Partial<NetworkConfig> {
    return config.genesisHash == null ? {} : { genesisHash: config.genesisHash }
  }

  async function untilMoved (): Promise<void> {
    await eventually(() => isWebRtc(caller, called) && isWebRtc(called, caller), 'the move', { timeout: MOVE_TIMEOUT_MS })
  }

  it('is what a relayed session moves to, and it stays when the relay is gone', async () => {
    await startPair()
    const closures: string[] = []

    for (const node of [caller, called]) {
      node.addEventListener('peer:closed', ({ detail: { reason } }) => { closures.push(String(reason)) })
    }

    await untilMoved()
    await eventually(() => caller.libp2p.getConnections().every(({ remoteAddr }) => !remoteAddr.toString().includes('/p2p-circuit')), 'the end of the circuit')
    assert.deepEqual(caller.peers.counts, { inbound: 0, outbound: 1, blockOnly: 0, pending: 0, reserved: 0 })
    assert.equal(caller.status().peers[0]!.isRelayed, false)
    assert.equal(caller.status().peers[0]!.upgrade, null)
    closures.length = 0
    await relay.stop()

    for (const [i, [from, to]] of [[caller, called], [called, caller]].entries() as Iterable<[number, [Network, Network]]>) {
      const block = nextEvent(to, 'block', ({ block }) => block.height === 10 + i)
      from.broadcast({ type: 'newBlock', block: sampleBlock({ height: 10 + i, proof: new Uint8Array(1_000_000) }) })
      await block
    }

    assert.deepEqual(closures.filter((reason) => reason !== 'SHUTDOWN'), [])
    assert.equal(isWebRtc(caller, called), true)
  })

  it('carries a chain', async () => {
    const blocks = sampleChain(40, '', 250_000)
    const genesisHash = blocks[0]!.hash
    const chain = new MemoryChain(blocks.slice(0, 1))
    await startPair({
      called: { genesisHash, chain: new MemoryChain(blocks) }, caller: { genesisHash, chain, autoSync: false }
    })
    await untilMoved()
    await caller.sync()
    assert.equal(chain.head.height, 39)
    assert.equal(isWebRtc(caller, called), true)
  })

  it('holds to the caps of bandwidth, and loses nothing where it reads slowly', async () => {
    const blocks = sampleChain(24, '', 1_000_000)
    const genesisHash = blocks[0]!.hash
    const chain = new MemoryChain(blocks.slice(0, 1))
    await startPair({
      called: { genesisHash, chain: new MemoryChain(blocks) },
      caller: { genesisHash, chain, autoSync: false, bandwidth: { download: 4_000_000 } }
    })
    await untilMoved()
    const startedAt = performance.now()
    await caller.sync()
    const seconds = (performance.now() - startedAt) / 1000
    assert.equal(chain.head.height, 23)
    assert.ok(23 / seconds < 4 * 1.5, `${23 / seconds} MB/s`)
  })

  it('keeps out a peer that is banned meanwhile', async () => {
    await startPair()
    await untilMoved()
    called.peers.ban(caller.libp2p.peerId.toString())
    await eventually(() => called.peers.get(caller.libp2p.peerId.toString()) == null, 'the end')
    await eventually(() => called.libp2p.getConnections(caller.libp2p.peerId).length === 0, 'the end of its connections')
  })

  it('is refused where the called node has as many sessions of that host as it may, and the session stays on the relay', async () => {
    const nat = { relay: true, webrtc: true }
    // to this node all addresses are of one public host
    const locationOfIp = (): Location => ({ host: '8.8.8.8', netgroup: '8.8' })
    relay = await startNode({ nat: { relayServer: true }, maxInbound: 1 })
    called = await startNode({ nat, seedPeers: [addressOf(relay)], maxInboundPerHost: 1 }, undefined, { locationOfIp })
    await eventually(() => circuitsOf(called).length === 1, 'a reservation')
    await connect(await startNode({ listen: [] }), called)
    caller = await startNode({ nat, listen: [], seedPeers: circuitsOf(called), maxOutbound: 1 })
    const { peer } = await nextEvent(called, 'peer:refused', ({ peer: { id } }) => id === caller.libp2p.peerId.toString())
    assert.match(peer.address, /\/webrtc\//)
    await eventually(() => caller.status().peers[0]?.upgrade === 'failed', 'the last try', { timeout: MOVE_TIMEOUT_MS })

    for (const [from, to, height] of [[caller, called, 10], [called, caller, 11]] as const) {
      const block = nextEvent(to, 'block', ({ block }) => block.height === height)
      from.broadcast({ type: 'newBlock', block: sampleBlock({ height }) })
      await block
    }

    assert.deepEqual([sessionOf(caller, called).isRelayed, sessionOf(called, caller).isRelayed], [true, true])
  })

  it('is not tried where the called node does not have it, and the session stays on the relay', async () => {
    await startPair({ called: { nat: { relay: true } } })
    assert.equal(sessionOf(caller, called).isRelayed, true)
    assert.equal(caller.status().peers[0]!.upgrade, null)
  })

  it('is not tried by two nodes with a direct connection', async () => {
    const nat = { relay: true, webrtc: true }
    const [a, b] = await Promise.all([startNode({ nat }), startNode({ nat })])
    await connect(a, b)
    assert.match(addressAt(a, b), /\/tcp\//)
    assert.equal(a.status().peers[0]!.upgrade, null)
  })
})

import assert from 'node:assert/strict'
import { eventually } from '../support/eventually.ts'
import { GENESIS_HASH, nextEvent, startNode } from '../integration/nodes.ts'
import { idOf, LONG_MS, meet, startPeer, withGoPeer } from './go-peer.ts'
import { LongChain } from './long-chain.ts'
import { peerChain } from './peer-process.ts'
import type { Network, NetworkConfig } from '../../src/index.ts'
import type { PeerProcess } from './peer-process.ts'

describe('interop/go-paths', () => {
  withGoPeer()

  it('is a part of the DHT of the network: nodes find each other through it, and peers through a node', async () => {
    const [peer, other] = await Promise.all([startPeer({ args: ['--dht'] }), startPeer({ args: ['--dht'] })])
    const config = { discovery: { dht: true }, seedPeers: [peer.address] }
    const [a, b] = await Promise.all([startNode(config), startNode(config)])
    await eventually(() => a.peers.get(idOf(b)) != null, 'the nodes to find each other', { timeout: LONG_MS })
    await meet(a, other, 'peer')

    await eventually(() => a.peers.get(peer.id) != null, 'the seed')
    const { addresses } = await peer.ask({ do: 'find', peer: other.id })
    assert.deepEqual(addresses, [other.address.replace(/\/p2p\/.*/, '')])
  })

  describe('over a relay of go-libp2p with its defaults, 128 KiB and 2 min', () => {
    const config: Partial<NetworkConfig> = { nat: { relay: true } }

    /** A node that is reachable through the relay, and where. */
    async function startBehind (relay: PeerProcess, chain: LongChain): Promise<{ node: Network, address: string }> {
      const node = await startNode({ ...config, chain, seedPeers: [relay.address] })
      const circuit = (): string | undefined => node.libp2p.getMultiaddrs().map(String).find((address) => address.includes('/p2p-circuit'))

      return { node, address: await eventually(circuit, 'a reservation') }
    }

    it('a node fetches a chain from a node, and gets what is broadcast', async () => {
      const relay = await startPeer({ args: ['--relay-server', '--room', '1'] })
      const { node: called, address } = await startBehind(relay, new LongChain(20, 50_000))
      const chain = new LongChain(0)
      const caller = await startNode({ ...config, chain, listen: [], seedPeers: [address], maxOutbound: 1 })
      await eventually(() => chain.tip().height === 20, 'the chain', { timeout: LONG_MS })
      const came = nextEvent(caller, 'block')
      const block = peerChain(GENESIS_HASH, 21, 50_000)[21]!
      called.broadcast({ type: 'newBlock', block })
      assert.deepEqual((await came).block, block)
    })

    it('a node fetches a chain from a peer', async () => {
      const relay = await startPeer({ args: ['--relay-server', '--room', '0'] })
      const called = await startPeer({ listen: [], chain: { length: 20, proofBytes: 50_000 }, args: ['--relay', relay.address] })
      const chain = new LongChain(0)
      await startNode({ ...config, chain, listen: [], seedPeers: [called.address], maxOutbound: 1 })
      await eventually(() => chain.tip().height === 20, 'the chain', { timeout: LONG_MS })
    })

    it('a peer fetches a chain from a node, dialling again when the relay cuts the connection', async () => {
      const relay = await startPeer({ args: ['--relay-server', '--room', '1'] })
      const { node, address } = await startBehind(relay, new LongChain(20, 50_000))
      const peer = await startPeer({ listen: [] })

      for (let height = 0; height < 20;) {
        peer.events.length = 0
        await peer.ask({ do: 'dial', address })
        await peer.event('ready')
        await peer.ask({ do: 'sync', peer: idOf(node), to: 20 }).then((done) => { height = Number(done.height) }, () => {})
      }
    })
  })
})

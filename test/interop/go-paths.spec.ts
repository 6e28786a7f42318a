import assert from 'node:assert/strict'
import { eventually } from '../eventually.ts'
import { startNode } from '../integration/nodes.ts'
import { idOf, LONG_MS, meet, startPeer, withGoPeer } from './go-peer.ts'

describe('interop/go: ways to a peer', () => {
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
})

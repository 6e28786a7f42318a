import assert from 'node:assert/strict'
import { addressOf, startNode, stopNodes, untilPeers } from './nodes.ts'
import { eventually } from '../support/eventually.ts'
import { dhtProtocol } from '../../src/libp2p/discovery/dht.ts'
import type { Network, NetworkConfig } from '../../src/index.ts'
import type { KadDHT } from '@libp2p/kad-dht'
import type { Libp2p } from '@libp2p/interface'

/** Nodes that share one seed. */
const NODES = 15

/** So few that nobody has to know everybody for it. */
const MAX_OUTBOUND = 4

/** How long it may take on a busy machine, in ms. */
const TIMEOUT_MS = 60_000

describe('integration/dht', function () {
  this.timeout(3 * TIMEOUT_MS)
  afterEach(stopNodes)

  async function start (seeds: Network[], config: Partial<NetworkConfig> = {}): Promise<Network> {
    return startNode({ seedPeers: seeds.map(addressOf), discovery: { dht: true }, maxOutbound: MAX_OUTBOUND, ...config })
  }

  function dhtOf (network: Network): KadDHT {
    return (network.libp2p as Libp2p<{ dht: KadDHT }>).services.dht
  }

  function isFull ({ peers }: Network): boolean {
    return peers.counts.outbound === MAX_OUTBOUND
  }

  it('that know the same seed find each other, and are a way in for others when the seed is gone', async () => {
    const seed = await start([])
    const nodes = await Promise.all(Array.from({ length: NODES }, async () => start([seed])))
    await eventually(() => nodes.every(isFull), 'all outbound slots to be taken', { timeout: TIMEOUT_MS })
    await seed.stop()

    // a page or a phone, which others cannot dial
    const client = await start([nodes[0]!], { listen: [] })
    const late = await start([nodes[7]!])
    await eventually(() => isFull(client) && isFull(late), 'new nodes to find their way in', { timeout: TIMEOUT_MS })

    assert.equal(dhtOf(client).getMode(), 'client')
    assert.equal(dhtOf(late).getMode(), 'server')
    assert.equal(late.peers.get(seed.libp2p.peerId.toString()), undefined)
  })

  it('do as they are told where that is another mode', async () => {
    const [server, client] = await Promise.all([
      start([], { listen: [], discovery: { dht: 'server' } }), start([], { discovery: { dht: 'client' } })
    ])

    assert.equal(dhtOf(server).getMode(), 'server')
    assert.equal(dhtOf(client).getMode(), 'client')
  })

  it('speak a protocol of their network, whatever its name', async () => {
    for (const network of ['vibecoin-test', 'a/b c', '日本', '%2F']) {
      const node = await start([], { network })
      const protocols = node.libp2p.getProtocols().filter((protocol) => protocol.includes('/kad/'))

      assert.deepEqual(protocols, [dhtProtocol(network)])
      assert.match(protocols[0] ?? '', /^\/vibecoin\/[^/\s]+\/kad\/1\.0\.0$/)
    }
  })

  it('do not find those of another network', async () => {
    const other = await start([], { network: 'vibecoin-other' })
    const seed = await start([])
    const node = await start([seed, other])
    await untilPeers(node, [seed])
    await eventually(() => [...other.libp2p.getConnections()].length === 0, 'no connection with the other network')

    assert.deepEqual([...node.peers].map(({ id }) => id), [seed.libp2p.peerId.toString()])
  })

  it('keep no connection that only the DHT has used, and leave nothing behind when they stop', async () => {
    const seed = await start([])
    const nodes = await Promise.all(Array.from({ length: 4 }, async () => start([seed], { maxOutbound: 1, maxInbound: 4 })))
    await Promise.all(nodes.map(async (node) => untilPeers(node, [seed])))
    await eventually(() => dhtOf(nodes[0]!) != null && nodes.some(({ libp2p }) => libp2p.getConnections().length > 1), 'a connection of the DHT')
    const sessions = ({ peers: { counts } }: Network): number => counts.inbound + counts.outbound

    await eventually(() => nodes.every((node) => node.libp2p.getConnections().length === sessions(node)), 'connections to be closed', {
      timeout: TIMEOUT_MS
    })
  })
})

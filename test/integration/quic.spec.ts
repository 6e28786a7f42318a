import assert from 'node:assert/strict'
import { addressOf, connect, nextEvent, sessionOf, startNode, stopNodes, streamOf } from './nodes.ts'
import { eventually } from '../support/eventually.ts'
import { MemoryChain } from '../support/memory-chain.ts'
import { sampleBlock, sampleChain } from '../support/sample.ts'
import type { Network, NetworkConfig } from '../../src/index.ts'

const QUIC = '/ip4/127.0.0.1/udp/0/quic-v1'

/** QUIC is loaded where an address asks for it: this one leads nowhere. */
const LOADS_QUIC: Partial<NetworkConfig> = { listen: [QUIC] }

describe('integration/quic', function () {
  this.timeout(60_000)

  afterEach(stopNodes)

  async function startPair (
    server: Partial<NetworkConfig> = {}, client: Partial<NetworkConfig> = {}
  ): Promise<{ server: Network, client: Network }> {
    const pair = { server: await startNode({ listen: [QUIC], ...server }), client: await startNode({ ...LOADS_QUIC, ...client }) }
    await connect(pair.client, pair.server)

    return pair
  }

  it('carries a session both ways', async () => {
    const { server, client } = await startPair()
    assert.match(addressOf(server), /\/udp\/\d+\/quic-v1\/p2p\//)
    assert.equal(sessionOf(client, server).address, addressOf(server))
    assert.match(sessionOf(server, client).address, /^\/ip4\/127\.0\.0\.1\/udp\/\d+\/quic-v1\/p2p\//)

    for (const [i, [from, to]] of [[client, server], [server, client]].entries() as Iterable<[number, [Network, Network]]>) {
      const block = nextEvent(to, 'block', ({ block }) => block.height === 10 + i)
      from.broadcast({ type: 'newBlock', block: sampleBlock({ height: 10 + i, proof: new Uint8Array(1_000_000) }) })
      await block
    }
  })

  it('carries a chain', async () => {
    const blocks = sampleChain(60, '', 500_000)
    const genesisHash = blocks[0]!.hash
    const chain = new MemoryChain(blocks.slice(0, 1))
    const { client } = await startPair({ genesisHash, chain: new MemoryChain(blocks) }, { genesisHash, chain, autoSync: false })
    await client.sync()
    assert.equal(chain.head.height, 59)
  })

  it('holds back the remote while it reads slowly, and keeps no more than the window', async () => {
    const blocks = sampleChain(16, '', 1_000_000)
    const genesisHash = blocks[0]!.hash
    const chain = new MemoryChain(blocks.slice(0, 1))
    const { server, client } = await startPair(
      { genesisHash, chain: new MemoryChain(blocks) }, { genesisHash, chain, autoSync: false, bandwidth: { download: 2_000_000 } }
    )
    const stream = streamOf(client, server)
    let most = 0
    const timer = setInterval(() => { most = Math.max(most, stream.readBufferLength) }, 10)
    const startedAt = performance.now()

    try {
      await client.sync()
    } finally {
      clearInterval(timer)
    }

    const seconds = (performance.now() - startedAt) / 1000
    assert.equal(chain.head.height, 15)
    assert.ok(15 / seconds < 2 * 1.5, `${15 / seconds} MB/s`)
    assert.ok(most < 256 * 1024, `${most} bytes were kept`)
  })

  it('refuses a peer that is banned, and one with another key than the address says', async () => {
    const { server, client } = await startPair()
    server.peers.ban(client.libp2p.peerId.toString())
    await eventually(() => server.libp2p.getConnections(client.libp2p.peerId).length === 0, 'the end of its connections')
    await assert.rejects(client.connect(addressOf(server)))
    const stranger = await startNode({ listen: [QUIC] })
    await assert.rejects(client.connect(addressOf(server).replace(/\/p2p\/.*/, `/p2p/${stranger.libp2p.peerId.toString()}`)))
  })

  it('stands beside TCP: a node tells of both, and is reached over either', async () => {
    const both = await startNode({ listen: ['/ip4/127.0.0.1/tcp/0', QUIC] })
    const addresses = both.libp2p.getMultiaddrs().map(String)
    assert.equal(addresses.length, 2)
    const [tcp, quic] = [await startNode(), await startNode(LOADS_QUIC)]
    assert.match((await tcp.connect(addresses.find((address) => address.includes('/tcp/'))!)).address, /\/tcp\//)
    assert.match((await quic.connect(addresses.find((address) => address.includes('/quic-v1'))!)).address, /\/quic-v1/)
  })

  it('is not loaded by a node that does not listen on it, and such a node says what to do', async () => {
    const [server, client] = [await startNode({ listen: [QUIC] }), await startNode()]
    await assert.rejects(client.connect(addressOf(server)), { name: 'ConfigError', message: /A node loads QUIC where an address of/ })
  })
})

import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '../support/eventually.ts'
import { GENESIS_HASH, nextEvent, startNode } from '../integration/nodes.ts'
import { idOf, LONG_MS, meet, readyOf, startPeer, withGoPeer } from './go-peer.ts'
import { LongChain } from './long-chain.ts'
import { digestOf, peerChain } from './peer-process.ts'
import type { Network, NetworkConfig } from '../../src/index.ts'
import type { Stream } from '@libp2p/interface'
import type { PeerOptions, PeerProcess } from './peer-process.ts'

const MIB = 1024 * 1024

const ECHO = '/echo/1.0.0'

describe('interop/go-bulk', () => {
  withGoPeer()

  describe('blocks of 1.5 MiB', () => {
    for (const who of ['node', 'peer'] as const) {
      it(`travel both ways as NewBlock, where the ${who} has dialled`, async () => {
        const chain = new LongChain(0)
        const [node, peer] = await Promise.all([startNode({ chain }), startPeer()])
        await meet(node, peer, who)
        const came = nextEvent(node, 'block')
        const { digest } = await peer.ask({ do: 'broadcast', kind: 'block', size: 1.5 * MIB })
        assert.equal(digestOf((await came).block), digest)
        await eventually(() => chain.tip().height === 1, 'the block to be appended')
        const block = peerChain(GENESIS_HASH, 2, 1.5 * MIB)[2]!
        node.broadcast({ type: 'newBlock', block })
        await peer.event('item', ({ digest }) => digest === digestOf(block))
      })
    }

    it('travel both ways in ranges', async () => {
      const [mine, theirs] = [new LongChain(20, 1.5 * MIB), new LongChain(0)]
      const [server, client] = await Promise.all([startNode({ chain: mine }), startNode({ chain: theirs })])
      const peer = await startPeer()
      await meet(server, peer)
      const { height, bytes } = await peer.ask({ do: 'sync', peer: idOf(server), to: 20 })
      assert.deepEqual([height, bytes], [20, mine.size])
      await meet(client, peer)
      await eventually(() => theirs.tip().height === 20, 'the chain', { timeout: LONG_MS })
      assert.equal(theirs.bytes, bytes)
    })
  })

  describe('synchronisation', () => {
    /** 500 MB. */
    const [length, proofBytes] = [2000, 250_000]

    it('of 500 MB from the peer', async () => {
      const chain = new LongChain(0)
      const [node, peer] = await Promise.all([startNode({ chain }), startPeer({ chain: { length, proofBytes } })])
      const began = performance.now()
      await meet(node, peer)
      await eventually(() => chain.tip().height === length, 'the chain', { timeout: LONG_MS })
      console.log(`    ${Math.round(chain.bytes / (performance.now() - began) / 1000)} MB/s`)
      assert.equal([...node.peers].length, 1)
    })

    it('of 500 MB from the node', async () => {
      const [node, peer] = await Promise.all([startNode({ chain: new LongChain(length, proofBytes) }), startPeer()])
      await meet(node, peer)
      const { height, bytes, ms } = await peer.ask({ do: 'sync', peer: idOf(node), to: length }, LONG_MS)
      console.log(`    ${Math.round(Number(bytes) / Number(ms) / 1000)} MB/s`)
      assert.equal(height, length)
    })

    it('of many small blocks both ways', async () => {
      const length = 20_000
      const chain = new LongChain(0)
      const [node, server, client] = await Promise.all([startNode({ chain }), startPeer({ chain: { length } }), startPeer()])
      await meet(node, server)
      await eventually(() => chain.tip().height === length, 'the chain', { timeout: LONG_MS })
      await meet(node, client)
      const { height } = await client.ask({ do: 'sync', peer: idOf(node), to: length }, LONG_MS)
      assert.equal(height, length)
    })

    it('from a peer whose answers have 7 blocks', async () => {
      const length = 2000
      const chain = new LongChain(0)
      const [node, peer] = await Promise.all([startNode({ chain }), startPeer({ chain: { length }, serveLimit: 7 })])
      const began = performance.now()
      await meet(node, peer)
      await eventually(() => chain.tip().height === length, 'the chain', { timeout: LONG_MS })
      console.log(`    ${Math.round(length * 1000 / (performance.now() - began))} blocks/s`)
    })
  })

  describe('32 MiB both ways', () => {
    const [length, proofBytes] = [32, MIB]
    let directory = ''

    before(async () => { directory = await mkdtemp(join(tmpdir(), 'vibecoin-interop-')) })
    after(async () => { await rm(directory, { recursive: true }) })

    /** Each has blocks that the other fetches. */
    async function exchange (node: Network, theirs: LongChain, peer: PeerProcess, who: 'node' | 'peer' = 'node'): Promise<void> {
      await meet(node, peer, who)
      await eventually(() => theirs.tip().height === length, 'the chain', { timeout: LONG_MS })
      assert.equal(theirs.bytes, new LongChain(length, proofBytes).size)
    }

    async function exchangeBoth (config: Partial<NetworkConfig>, options: PeerOptions): Promise<void> {
      const [chain, full] = [new LongChain(0), new LongChain(length, proofBytes)]
      const [fetching, serving] = await Promise.all([startNode({ chain, ...config }), startNode({ chain: full, ...config })])
      const [source, sink] = await Promise.all([startPeer({ chain: { length, proofBytes }, ...options }), startPeer(options)])
      await exchange(fetching, chain, source)
      await meet(serving, sink, 'peer')
      const { height } = await sink.ask({ do: 'sync', peer: idOf(serving), to: length }, LONG_MS)
      assert.equal(height, length)
    }

    it('go over WebSocket', async () => {
      await exchangeBoth({ listen: ['/ip4/127.0.0.1/tcp/0/ws'] }, { listen: ['/ip4/127.0.0.1/tcp/0/ws'] })
    })

    for (const transport of ['TCP', 'WebSocket']) {
      it(`go through a private network over ${transport}`, async () => {
        const privateNetworkKey = `/key/swarm/psk/1.0.0/\n/base16/\n${'a1'.repeat(32)}\n`
        const file = join(directory, 'swarm.key')
        await writeFile(file, privateNetworkKey)
        const listen = [`/ip4/127.0.0.1/tcp/0${transport === 'TCP' ? '' : '/ws'}`]
        await exchangeBoth({ listen, privateNetworkKey }, { listen, args: ['--swarm-key', file] })
      })
    }
  })

  it('with many streams, pings and window updates on the connection at full load is cut by no guard', async () => {
    const chain = new LongChain(0)
    const [length, proofBytes] = [2000, 250_000]
    const options = { chain: { length, proofBytes }, args: ['--yamux-ping', '50ms'] }
    const [node, peer] = await Promise.all([startNode({ chain }), startPeer(options)])
    await node.libp2p.handle(ECHO, echo, { maxInboundStreams: 256 })
    await meet(node, peer, 'peer')
    const { streams } = await peer.ask({ do: 'load', peer: idOf(node), protocol: ECHO, streams: 50, size: 4 * MIB, ms: 5000 }, LONG_MS)
    console.log(`    ${String(streams)} streams of 4 MiB both ways in 5 s`)
    await eventually(() => chain.tip().height === length, 'the chain', { timeout: LONG_MS })
    assert.deepEqual([readyOf(peer), peer.events.filter(({ event }) => event === 'disconnected' || event === 'closed')], [1, []])
  })
})

/** Sends back what comes. Without `for await`, which does not end where the other side had ended its own before it began. */
function echo (stream: Stream): void {
  const isEnded = stream.remoteWriteStatus === 'closed'
  const end = (): void => { void stream.close() }

  stream.addEventListener('message', ({ data }) => {
    stream.send(data)

    if (isEnded) {
      end()
    }
  })
  stream.addEventListener('remoteCloseWrite', end)
}

import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '../support/eventually.ts'
import { GENESIS_HASH } from '../integration/nodes.ts'
import { LongChain } from './long-chain.ts'
import { Listener, startRecorded } from './node-events.ts'
import { peerChain } from './peer-process.ts'
import { encodeBlock } from '../../src/index.ts'
import { describePeers, idOf, LONG_MS, meet } from './peers.ts'
import type { Network, NetworkConfig } from '../../src/index.ts'
import type { PeerOptions, PeerProcess } from './peer-process.ts'

const MIB = 1024 * 1024

describePeers('32 MiB both ways', ({ startPeer }) => {
  const [length, proofBytes] = [32, MIB]
  let directory = ''

  before(async () => { directory = await mkdtemp(join(tmpdir(), 'vibecoin-interop-')) })
  after(async () => { await rm(directory, { recursive: true }) })

  /** One node fetches from a peer, and one peer from a node. */
  async function exchange (config: Partial<NetworkConfig>, options: PeerOptions): Promise<void> {
    const [chain, full] = [new LongChain(0), new LongChain(length, proofBytes)]
    const [fetching, serving] = await Promise.all([startRecorded({ chain, ...config }), startRecorded({ chain: full, ...config })])
    const [source, sink] = await Promise.all([startPeer({ chain: { length, proofBytes }, ...options }), startPeer(options)])
    await meet(fetching, source)
    await eventually(() => chain.tip().height === length, 'the chain', { timeout: LONG_MS })
    assert.equal(chain.bytes, full.size)
    await meet(serving, sink, 'peer')
    const { height } = await sink.ask({ do: 'sync', peer: idOf(serving), to: length }, LONG_MS)
    assert.equal(height, length)
  }

  it('go over WebSocket', async () => {
    await exchange({ listen: ['/ip4/127.0.0.1/tcp/0/ws'] }, { listen: ['/ip4/127.0.0.1/tcp/0/ws'] })
  })

  for (const transport of ['TCP', 'WebSocket']) {
    it(`go through a private network over ${transport}`, async () => {
      const privateNetworkKey = `/key/swarm/psk/1.0.0/\n/base16/\n${'a1'.repeat(32)}\n`
      const file = join(directory, 'swarm.key')
      await writeFile(file, privateNetworkKey)
      const listen = [`/ip4/127.0.0.1/tcp/0${transport === 'TCP' ? '' : '/ws'}`]
      await exchange({ listen, privateNetworkKey }, { listen, args: ['--swarm-key', file] })
    })
  }
})

describePeers('the DHT', ({ startPeer }) => {
  // a name that has to be encoded in the protocol id
  const network = 'vibe/coin test'

  it('of the network is the same: nodes find each other through the peer, and peers each other through a node', async () => {
    const options = { network, args: ['--dht'] }
    const [peer, other] = await Promise.all([startPeer(options), startPeer(options)])
    const config = { network, discovery: { dht: true }, seedPeers: [peer.address] }
    const [a, b] = await Promise.all([startRecorded(config), startRecorded(config)])
    await eventually(() => a.peers.get(idOf(b)) != null, 'the nodes to find each other', { timeout: LONG_MS })
    await meet(a, other, 'peer')
    await eventually(() => a.peers.get(peer.id) != null, 'the seed')
    const bare = (address: string): string => address.replace(/\/p2p\/.*/, '')
    const find = async (): Promise<string[]> => ((await peer.ask({ do: 'find', peer: other.id })).addresses as string[]).map(bare)

    // the node tells of the other peer when it has heard from identify that this one is in the DHT
    for (const until = performance.now() + LONG_MS; !(await find()).includes(bare(other.address));) {
      assert.ok(performance.now() < until, 'the peer finds the other one')
    }
  })
})

describePeers('a relay with its defaults, 128 KiB and 2 min', ({ startPeer }) => {
  const config: Partial<NetworkConfig> = { nat: { relay: true } }
  const full = { length: 20, proofBytes: 50_000 }

  /** A node that is reachable through the relay, and where. */
  async function startBehind (relay: PeerProcess, chain: LongChain): Promise<{ node: Network, address: string }> {
    const node = await startRecorded({ ...config, chain, seedPeers: [relay.address] })
    const circuit = (): string | undefined => node.libp2p.getMultiaddrs().map(String).find((address) => address.includes('/p2p-circuit'))

    return { node, address: await eventually(circuit, 'a reservation', { timeout: LONG_MS }) }
  }

  it('lets a node fetch a chain from a node, and get what is broadcast', async () => {
    const relay = await startPeer({ args: ['--relay-server', '--max-peers', '1'] })
    const longer = new LongChain(full.length, full.proofBytes)
    const { node: called, address } = await startBehind(relay, longer)
    const chain = new LongChain(0)
    const caller = await startRecorded({ ...config, chain, listen: [], seedPeers: [address], maxOutbound: 1 })
    await eventually(() => chain.tip().height === full.length, 'the chain', { timeout: LONG_MS })
    const listener = new Listener(caller)
    const block = peerChain(GENESIS_HASH, full.length + 1, full.proofBytes).at(-1)!
    longer.append([{ block, bytes: encodeBlock(block) }])
    called.broadcast({ type: 'newBlock', block })
    assert.deepEqual((await listener.next('block')).block, block)
  })

  it('lets a node fetch a chain from a peer', async () => {
    const relay = await startPeer({ args: ['--relay-server', '--max-peers', '0'] })
    const called = await startPeer({ listen: [], chain: full, args: ['--relay', relay.address] })
    const chain = new LongChain(0)
    await startRecorded({ ...config, chain, listen: [], seedPeers: [called.address], maxOutbound: 1 })
    await eventually(() => chain.tip().height === full.length, 'the chain', { timeout: LONG_MS })
  })

  it('lets a peer fetch a chain from a node, dialling again when the relay cuts the connection', async () => {
    const relay = await startPeer({ args: ['--relay-server', '--max-peers', '1'] })
    const { node, address } = await startBehind(relay, new LongChain(full.length, full.proofBytes))
    const peer = await startPeer({ listen: [] })

    for (let height = 0, until = performance.now() + LONG_MS; height < full.length;) {
      assert.ok(performance.now() < until, `the chain, of which there are ${height} blocks`)
      const isNew = peer.fromNowOn()
      await peer.ask({ do: 'dial', address })
      await peer.event('ready', isNew)
      await peer.ask({ do: 'sync', peer: idOf(node), to: full.length }, LONG_MS).catch(() => {})
      height = Number((await peer.ask({ do: 'tip' })).height)
      await peer.ask({ do: 'disconnect', peer: idOf(node), reason: 'SHUTDOWN' }).catch(() => {})
      await peer.event('disconnected', isNew)
    }
  })
})

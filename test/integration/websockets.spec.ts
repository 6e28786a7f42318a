import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { connect as connectTcp } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { addressOf, connect, freePorts, nextEvent, sessionOf, startNode, stopNodes, streamOf, untilPeers } from './nodes.ts'
import { eventually } from '../support/eventually.ts'
import { locationOfIp } from '../support/loopback-hosts.ts'
import { MemoryChain } from '../support/memory-chain.ts'
import { sampleBlock, sampleChain, sampleHash } from '../support/sample.ts'
import { watchSends } from '../support/watch-sends.ts'
import { encodeBlock } from '../../src/index.ts'
import { INBOX_BYTES } from '../../src/session/read/inbox.ts'
import { HARD_BYTES } from '../../src/session/send/outbox.ts'
import { MAX_BUFFERED_BYTES, MAX_SENT_BYTES } from '../../src/libp2p/transport/web-socket/limits.ts'
import { STREAM_BUFFER_BYTES, STREAM_WINDOW_BYTES } from '../../src/libp2p/node-options.ts'
import { STOP_TIMEOUT_MS } from '../../src/start-network.ts'
import type { Block, Network, NetworkConfig } from '../../src/index.ts'

const MIB = 1024 * 1024

/** What WebSockets, yamux and noise add to what is sent at once. */
const OVERHEAD_BYTES = 16 * 1024

const pem = (name: string): string => readFileSync(new URL(`tls/${name}.pem`, import.meta.url), 'utf8')

/** A block of `length` bytes of proof. */
function bigBlock (height: number, length: number): Block {
  return sampleBlock({ height, hash: sampleHash(`big ${height}`), transactions: [], proof: new Uint8Array(length).fill(height) })
}

interface WithSockets { sockets?: Set<unknown> }

/** TCP connections that the listeners of a node have, before and after their handshakes. */
function socketsOf (network: Network): number {
  const { components } = network.libp2p as unknown as { components: Record<'transportManager', { getListeners: () => WithSockets[] }> }
  const listeners = components.transportManager.getListeners()

  return listeners.reduce((total, { sockets }) => total + (sockets?.size ?? 0), 0)
}

describe('integration/websockets', function () {
  this.timeout(60_000)

  afterEach(stopNodes)

  async function start (config: Partial<NetworkConfig> = {}): Promise<Network> {
    return startNode({ listen: ['/ip4/127.0.0.1/tcp/0/ws'], ...config })
  }

  async function startPair (config: Partial<NetworkConfig> = {}): Promise<{ a: Network, b: Network }> {
    const { genesisHash } = config
    const [a, b] = await Promise.all([start(config), start(genesisHash == null ? {} : { genesisHash })])
    await connect(a, b)

    return { a, b }
  }

  it('carry a session in a private network, where the listener speaks first', async () => {
    const privateNetworkKey = `/key/swarm/psk/1.0.0/\n/base16/\n${'a1'.repeat(32)}\n`
    const [a, b] = await Promise.all([start({ privateNetworkKey }), start({ privateNetworkKey })])
    await connect(a, b)
  })

  it('carry a session, and know the host at the other end', async () => {
    const [a, b] = await Promise.all([start(), start()])
    const { here, there } = await connect(a, b)

    assert.match(there.address, /^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/ws/)
    assert.match(here.address, /^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/ws/)
    assert.deepEqual([socketsOf(a), socketsOf(b)], [0, 1])
  })

  it('stand beside TCP', async () => {
    const both = await startNode({ listen: ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0/ws'] })
    const [overTcp, overWebSockets] = both.libp2p.getMultiaddrs().map(String)
    const old = await startNode()
    const page = await start({ listen: [], seedPeers: [overWebSockets!] })
    await Promise.all([old.connect(overTcp!), untilPeers(both, [old, page])])
    const arrived = nextEvent(page, 'transaction')
    const transaction = sampleBlock().transactions[0]!
    old.broadcast({ type: 'newTransaction', transaction })

    assert.deepEqual((await arrived).transaction, transaction)
  })

  it('carry blocks of almost 4 MiB in both directions', async () => {
    const { a, b } = await startPair()

    for (const [from, to, height] of [[a, b, 1], [b, a, 2]] as const) {
      const block = bigBlock(height, 4 * MIB - 2048)
      const arrived = nextEvent(to, 'block')
      from.broadcast({ type: 'newBlock', block })
      const { block: found } = await arrived
      assert.deepEqual(encodeBlock(found), encodeBlock(block))
    }
  })

  it('carry 128 MiB of blocks while little waits anywhere', async () => {
    const COUNT = 128
    const chain = sampleChain(1 + COUNT, 'large', MIB)
    const { a, b } = await startPair({ chain: new MemoryChain(chain), genesisHash: chain[0]!.hash })
    const most = { socket: 0, writeBuffer: 0, readBuffer: 0, out: 0, in: 0 }

    const note = (key: keyof typeof most, value: number): void => { most[key] = Math.max(most[key], value) }

    const unwatch = watchSends(({ bufferedAmount }) => {
      note('socket', bufferedAmount)
      note('writeBuffer', streamOf(a, b).writeBufferLength)
      note('readBuffer', streamOf(b, a).readBufferLength)
      note('out', sessionOf(a, b).bufferedBytes.out)
      note('in', sessionOf(b, a).bufferedBytes.in)
    })

    try {
      let height = 1

      for await (const block of b.requestBlockRange(1, COUNT)) {
        assert.equal(block.height, height++)
        // slower than they come
        await setImmediate()
      }

      assert.equal(height, 1 + COUNT)
    } finally {
      unwatch()
    }

    assert.ok(most.socket <= MAX_BUFFERED_BYTES + MAX_SENT_BYTES + OVERHEAD_BYTES, `${most.socket} bytes in the socket`)
    assert.ok(most.writeBuffer <= MIB, `${most.writeBuffer} bytes in the sending stream`)
    assert.ok(most.readBuffer <= STREAM_WINDOW_BYTES && STREAM_WINDOW_BYTES <= STREAM_BUFFER_BYTES, `${most.readBuffer} bytes in the receiving stream`)
    assert.ok(most.out <= HARD_BYTES, `${most.out} bytes queued`)
    assert.ok(most.in <= INBOX_BYTES + STREAM_WINDOW_BYTES, `${most.in} bytes received and not read`)
  })

  it('end with the session: a peer that is sent away has no TCP connection left', async () => {
    for (const act of ['disconnect', 'ban'] as const) {
      const { a, b } = await startPair({ maxOutbound: 1 })
      b.peers[act](a.libp2p.peerId.toString())
      await eventually(() => socketsOf(b) === 0 && a.libp2p.getConnections().length === 0, `nothing to be left after ${act}`)
      await stopNodes()
    }
  })

  it('end when the connection is aborted at either end', async () => {
    for (const side of ['a', 'b'] as const) {
      const pair = await startPair()
      const closed = [nextEvent(pair.a, 'peer:closed'), nextEvent(pair.b, 'peer:closed')]
      pair[side].libp2p.getConnections()[0]!.abort(new Error('enough'))
      await Promise.all(closed)
      await eventually(() => socketsOf(pair.b) === 0, 'the TCP connection to end')
      await stopNodes()
    }
  })

  it('are limited for each host like any connection', async () => {
    // loopback is no host: here each of its addresses is one
    const hub = await startNode({ listen: ['/ip4/127.0.0.1/tcp/0/ws'], maxInboundRate: 2 }, undefined, { locationOfIp })
    const clients = await Promise.all(Array.from({ length: 3 }, async () => start({ maxOutbound: 1, dialTimeout: 2000 })))
    const outcomes = await Promise.allSettled(clients.map(async (client) => client.connect(addressOf(hub))))

    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 2)
    await eventually(() => socketsOf(hub) === 2, 'no connection of the third')
  })

  it('leave a node that stops without a connection, also one that has said nothing', async () => {
    const node = await start()
    const [, port] = /\/tcp\/(\d+)\//.exec(addressOf(node))!
    const silent = connectTcp(Number(port), '127.0.0.1')
    await eventually(() => silent.readyState === 'open', 'the connection')
    const ended = new Promise((resolve) => { silent.once('close', resolve) })
    silent.resume()
    const began = performance.now()
    await node.stop()
    await ended
    assert.ok(performance.now() - began < STOP_TIMEOUT_MS, 'in time')
  })

  it('carry a session over TLS with the certificate of the config', async () => {
    const trusted = getCACertificates('default')
    const [port] = await freePorts(1)
    const node = await start({ listen: [`/ip4/127.0.0.1/tcp/${port}/tls/ws`], tls: { cert: pem('cert'), key: pem('key') } })
    const address = `/ip4/127.0.0.1/tcp/${port}/tls/ws/p2p/${node.libp2p.peerId.toString()}`
    assert.deepEqual(node.libp2p.getMultiaddrs().map(String), [address])

    const wary = await start()
    await assert.rejects(wary.connect(address), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
    setDefaultCACertificates([...trusted, pem('cert')])

    try {
      const peer = await wary.connect(address)
      assert.equal(peer.state, 'ready')
      assert.equal(peer.address, address)
    } finally {
      setDefaultCACertificates(trusted)
    }
  })

  it('say what is wrong with a certificate, or that there is none', async () => {
    const listen = ['/ip4/127.0.0.1/tcp/0/tls/ws']
    await assert.rejects(start({ listen }), { name: 'ConfigError', message: `Expected \`tls\` with the certificate for "${listen[0]}"` })
    const garbage = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
    await assert.rejects(start({ listen, tls: { cert: garbage, key: pem('key') } }), { name: 'ListenError', message: /tls\/ws: / })
  })

  it('are not there where the address is taken, which is said', async () => {
    const [port] = await freePorts(1)
    await start({ listen: [`/ip4/127.0.0.1/tcp/${port}/ws`] })
    await assert.rejects(start({ listen: [`/ip4/127.0.0.1/tcp/${port}/ws`] }), { name: 'ListenError', message: /EADDRINUSE/ })
  })
})

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { addressOf, connect, LIBP2P_PARTS, nextEvent, sessionOf, startNode, stopNodes } from './nodes.ts'
import { eventually } from '../support/eventually.ts'
import { growChain, MemoryChain } from '../support/memory-chain.ts'
import { plainProtector } from '../support/plain-protector.ts'
import { sampleChain, sampleHash, sampleTransaction } from '../support/sample.ts'
import { usedBytes } from '../support/used-memory.ts'
import { INBOX_BYTES } from '../../src/session/read/inbox.ts'
import { HARD_BYTES, SOFT_BYTES } from '../../src/session/send/outbox.ts'
import { STREAM_WINDOW_BYTES } from '../../src/libp2p/node-options.ts'
import type { Network } from '../../src/index.ts'
import type { Libp2p } from '@libp2p/interface'
import type { AddressInfo, Socket } from 'node:net'

const MIB = 1024 * 1024

/** More than the layer below took before it stopped for ever, in the versions of libp2p that did. */
const TRANSFER_BYTES: number = 32 * MIB

const ECHO = '/echo/1.0.0'
const BULK = '/bulk/1.0.0'

/** Each has a window of 256 KiB to begin with. */
const STREAMS = 32

/** Nodes that all know each other, and blocks that go to all of them: with libp2p's own cipher the process ended at the seventh. */
const NODES = 5
const BLOCK_COUNT = 10

const KEY = keyOf('a1')
const OTHER_KEY = keyOf('b2')

function keyOf (byte: string): string {
  return `/key/swarm/psk/1.0.0/\n/base16/\n${byte.repeat(32)}\n`
}

/** Linked blocks of 1 MiB each, {@link TRANSFER_BYTES} in all beside the first. */
const BLOCKS = growChain(sampleChain(1), TRANSFER_BYTES / MIB, 'bulk', MIB)

/** The heights of the blocks that a node gets when it asks for all of them. */
async function fetchAll (network: Network): Promise<number[]> {
  const heights: number[] = []

  for await (const { height, proof } of network.requestBlockRange(1, BLOCKS.length - 1)) {
    assert.equal(proof.byteLength, MIB)
    heights.push(height)
  }

  return heights
}

describe('integration/private-network', function () {
  this.timeout(60_000)

  const plain = new Set<Libp2p>()

  afterEach(async () => {
    await stopNodes()
    await Promise.all([...plain].map(async (libp2p) => { await libp2p.stop() }))
    plain.clear()
  })

  /** A libp2p node with a protector that adds nothing to what libp2p says of private networks. It echoes. */
  async function startPlain (listen: string[]): Promise<Libp2p> {
    const libp2p = await createLibp2p({
      ...LIBP2P_PARTS, addresses: { listen }, connectionProtector: plainProtector(KEY)
    })
    await libp2p.handle(ECHO, (stream) => { stream.addEventListener('message', ({ data }) => { stream.send(data) }) })
    plain.add(libp2p)

    return libp2p
  }

  it('lets those meet who have the key, however it was written', async () => {
    const [a, b] = await Promise.all([
      startNode({ privateNetworkKey: KEY }),
      startNode({ privateNetworkKey: `${KEY.toUpperCase().trim().replaceAll('\n', '\r\n')}  \r\n`.replace('/KEY/SWARM/PSK', '/key/swarm/psk').replace('/BASE16', '/base16') })
    ])
    await connect(a, b)
    const received = nextEvent(b, 'transaction')
    a.broadcast({ type: 'newTransaction', transaction: sampleTransaction() })
    assert.deepEqual((await received).transaction, sampleTransaction())
  })

  it('keeps out peers with another key, and says so to the side that dials', async () => {
    const inside = await startNode({ privateNetworkKey: KEY })

    // what comes of bytes that are encrypted with another key is left to chance
    for (let i = 0; i < 20; i++) {
      const outside = await startNode({ listen: [], privateNetworkKey: OTHER_KEY })
      await assert.rejects(outside.connect(addressOf(inside)), { name: 'PrivateNetworkError', message: 'The peer has another private network key' })
    }

    const outside = await startNode({ listen: [], privateNetworkKey: OTHER_KEY, seedPeers: [addressOf(inside)] })
    const { error } = await nextEvent(outside, 'dial:failed')
    assert.equal(error.name, 'PrivateNetworkError')
    assert.deepEqual([...inside.peers, ...outside.peers], [])
  })

  it('and nodes without a key are kept apart', async () => {
    const [inside, outside] = await Promise.all([startNode({ privateNetworkKey: KEY }), startNode()])

    await Promise.all([
      assert.rejects(outside.connect(addressOf(inside))),
      assert.rejects(inside.connect(addressOf(outside)), { name: 'PrivateNetworkError', message: /is in no private network/ })
    ])
    assert.deepEqual([...inside.peers, ...outside.peers], [])
  })

  it('does not wait for a peer that says nothing, and leaves the reason to the side that gives up before', async () => {
    const sockets: Socket[] = []
    const server = createServer((socket) => { sockets.push(socket.on('error', () => {})) }).listen(0, '127.0.0.1')
    await once(server, 'listening')

    try {
      const node = await startNode({ privateNetworkKey: KEY })
      const address = `/ip4/127.0.0.1/tcp/${(server.address() as AddressInfo).port}`
      const giveUp = new AbortController()
      const dial = node.connect(address, { signal: giveUp.signal })
      void eventually(() => sockets.length === 1, 'a connection').then(() => { giveUp.abort() })
      await assert.rejects(dial, { name: 'AbortError' })
      await assert.rejects(node.connect(address), { name: 'PrivateNetworkError', message: /is in no private network/ })
    } finally {
      sockets.forEach((socket) => { socket.destroy() })
      server.close()
    }
  })

  it('is one for any libp2p node with the key', async () => {
    const node = await startNode({ privateNetworkKey: KEY })
    const there = await startPlain(['/ip4/127.0.0.1/tcp/0'])
    const here = await startPlain([])
    await node.libp2p.handle(ECHO, (stream) => { stream.addEventListener('message', ({ data }) => { stream.send(data) }) })

    for (const [from, to] of [[here, node.libp2p], [node.libp2p, there]] as const) {
      const stream = await from.dialProtocol(multiaddr(to.getMultiaddrs()[0]!.toString()), ECHO)
      const echo = Promise.withResolvers<Uint8Array>()
      stream.addEventListener('message', ({ data }) => { echo.resolve(data.subarray()) })
      stream.send(sampleHash('echo'))
      assert.deepEqual(new Uint8Array(await echo.promise), sampleHash('echo'))
    }
  })

  it('takes 32 MiB in each direction at a time', async () => {
    const [a, b] = await Promise.all([0, 1].map(async () => startNode({ privateNetworkKey: KEY, chain: new MemoryChain(BLOCKS) })))
    await connect(a!, b!)
    const expected = BLOCKS.slice(1).map(({ height }) => height)
    assert.deepEqual(await Promise.all([fetchAll(a!), fetchAll(b!)]), [expected, expected])

    const [here, there] = [sessionOf(a!, b!), sessionOf(b!, a!)]
    assert.ok(here.bytesIn > TRANSFER_BYTES && there.bytesIn > TRANSFER_BYTES, `${here.bytesIn} and ${there.bytesIn} bytes`)
    assert.deepEqual([here.state, there.state], ['ready', 'ready'])
  })

  it('goes on when the socket has taken what it could not take at once', async () => {
    const [a, b] = await Promise.all([startNode({ privateNetworkKey: KEY }), startNode({ privateNetworkKey: KEY })])
    const ends = [a, b].map(({ libp2p }) => libp2p)
    let received = 0

    for (const libp2p of ends) {
      await libp2p.handle(BULK, (stream) => { stream.addEventListener('message', ({ data }) => { received += data.byteLength }) })
    }

    const { there } = await connect(a, b)
    const streams = await Promise.all(ends.flatMap((libp2p) => Array.from({ length: STREAMS }, async () => {
      const [connection] = libp2p.getConnections()

      return connection!.newStream(BULK)
    })))
    // in one turn, in which nobody reads: the windows of all streams together are more than a socket holds
    streams.forEach((stream) => { stream.send(new Uint8Array(MIB)) })
    await eventually(() => received === streams.length * MIB, 'all of it', { timeout: 30_000 })
    assert.equal(there.state, 'ready')
  })

  it('brings a chain up to date', async () => {
    const chain = new MemoryChain(BLOCKS.slice(0, 1))
    const server = await startNode({ privateNetworkKey: KEY, chain: new MemoryChain(BLOCKS) })
    const node = await startNode({ privateNetworkKey: KEY, chain })
    await connect(node, server)
    await eventually(() => chain.head.height === BLOCKS.length - 1, 'all blocks', { timeout: 30_000 })
    assert.deepEqual(chain.head.hash, BLOCKS.at(-1)!.hash)
  })

  it(`brings ${BLOCK_COUNT} blocks of 1 MiB to all of ${NODES} nodes, as fast as they are taken`, async () => {
    const chains = Array.from({ length: NODES }, () => new MemoryChain(BLOCKS.slice(0, 1)))
    const nodes = await Promise.all(chains.map(async (chain) => {
      return startNode({ chain, privateNetworkKey: KEY, genesisHash: BLOCKS[0]!.hash })
    }))

    for (const [i, node] of nodes.entries()) {
      await Promise.all(nodes.slice(0, i).map(async (other) => connect(node, other)))
    }

    for (const block of BLOCKS.slice(1, 1 + BLOCK_COUNT)) {
      chains[0]!.blocks.push(block)
      nodes[0]!.broadcast({ type: 'newBlock', block })
      await eventually(() => chains.every(({ head }) => head.height === block.height), `block ${block.height} everywhere`)
    }

    assert.deepEqual(nodes.map(({ peers }) => [...peers].length), nodes.map(() => NODES - 1))
  })

  it('keeps what a peer does not take out of memory, and goes on when it does', async () => {
    const TRANSACTION_BYTES = 64 * 1024
    const [sender, receiver] = await Promise.all([startNode({ privateNetworkKey: KEY }), startNode({ privateNetworkKey: KEY })])
    await connect(sender, receiver)
    const [here, there] = [sessionOf(sender, receiver), sessionOf(receiver, sender)]
    const release = Promise.withResolvers<void>()
    let taken = 0
    let queued = 0
    let mostOut = 0
    let mostIn = 0
    receiver.router.handle('newTransaction', async () => { taken++; await release.promise })
    const before = usedBytes()

    for (let i = 0; i < 64 * MIB / TRANSACTION_BYTES; i++) {
      const transaction = sampleTransaction({ id: sampleHash(i), nonce: BigInt(i), data: new Uint8Array(TRANSACTION_BYTES).fill(i) })
      queued += sender.broadcast({ type: 'newTransaction', transaction }).queued
      await setImmediate()
      mostOut = Math.max(mostOut, here.bufferedBytes.out)
      mostIn = Math.max(mostIn, there.bufferedBytes.in)
    }

    assert.ok(mostOut <= SOFT_BYTES + 2 * TRANSACTION_BYTES && mostOut < HARD_BYTES, `${mostOut} bytes queued`)
    assert.ok(mostIn <= INBOX_BYTES + STREAM_WINDOW_BYTES, `${mostIn} bytes read and not handled`)
    // memory outside the heap is given back by another thread, in its own time
    await eventually(() => usedBytes() - before < 24 * MIB, 'memory to be as before')

    release.resolve()
    await eventually(() => taken === queued, 'everything that was queued')
    assert.deepEqual([here.state, there.state], ['ready', 'ready'])
  })
})

import assert from 'node:assert/strict'
import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { addressOf, LIBP2P_PARTS, nextEvent, sessionOf, startNode, stopNodes } from './nodes.ts'
import { startDelayProxy } from '../../bench/delay-proxy.ts'
import { eventually } from '../support/eventually.ts'
import { MemoryChain } from '../support/memory-chain.ts'
import { sampleBlock, sampleChain, sampleHash, sampleTransaction } from '../support/sample.ts'
import { ANNOUNCE_BYTES } from '../../src/gossip/send/distribution.ts'
import { RELAYED_BYTES, RELAYED_DURATION_MS } from '../../src/libp2p/nat/relay.ts'
import { RELAY_RESERVATIONS } from '../../src/libp2p/nat/relay-client.ts'
import type { Block, Network, NetworkConfig } from '../../src/index.ts'
import type { CircuitRelayService } from '@libp2p/circuit-relay-v2'
import type { Libp2p } from '@libp2p/interface'

const PROTOCOL = '/test/1.0.0'

/** The addresses of a node that lead through relays. */
function circuitsOf (node: Network): string[] {
  return node.libp2p.getMultiaddrs().map(String).filter((address) => address.includes('/p2p-circuit'))
}

/** The address of a node at which it listens itself. */
function directOf (node: Network): string {
  return node.libp2p.getMultiaddrs().map(String).find((address) => !address.includes('/p2p-circuit'))!
}

function isRelayed (node: Network, other: Network): boolean {
  return node.peers.get(other.libp2p.peerId.toString())?.address.includes('/p2p-circuit') === true
}

describe('integration/relayed', () => {
  let relay: Network
  let called: Network
  let caller: Network

  afterEach(stopNodes)

  /** Two nodes, of which one knows of the other that it is reachable through a relay, and the relay has room for no other session. */
  async function startPair (config: { called?: Partial<NetworkConfig>, caller?: Partial<NetworkConfig> } = {}): Promise<void> {
    relay = await startNode({ nat: { relayServer: true }, maxInbound: 1 })
    called = await startNode({ nat: { relay: true }, seedPeers: [addressOf(relay)], ...config.called })
    await eventually(() => circuitsOf(called).length === 1, 'a reservation')
    caller = await startNode({ nat: { relay: true }, listen: [], seedPeers: circuitsOf(called), maxOutbound: 1, ...config.caller })
    await eventually(() => isRelayed(caller, called) && isRelayed(called, caller), 'a session')
  }

  function hearOf (node: Network, height: number): Promise<{ block: Block }> {
    return nextEvent(node, 'block', ({ block }) => block.height === height)
  }

  /** The heights of blocks that a node hears of. */
  function listen (node: Network): Set<number> {
    const heights = new Set<number>()
    node.addEventListener('block', ({ detail: { block } }) => { heights.add(block.height) })

    return heights
  }

  /** The nonces of transactions that a node hears of. */
  function listenFor (node: Network): Set<bigint> {
    const nonces = new Set<bigint>()
    node.addEventListener('transaction', ({ detail: { transaction } }) => { nonces.add(transaction.nonce) })

    return nonces
  }

  it('are made where a node is reachable in no other way, and are known by their address', async () => {
    await startPair()

    const [there] = caller.peers
    assert.equal(there?.id, called.libp2p.peerId.toString())
    assert.equal(there.address, circuitsOf(called)[0])
    assert.equal(sessionOf(caller, called).isRelayed, true)
    assert.equal(sessionOf(called, caller).isRelayed, true)
    assert.equal(sessionOf(called, relay).isRelayed, false)
  })

  it('carry transactions and blocks both ways, large ones too', async () => {
    await startPair()
    const large = { proof: new Uint8Array(4 * ANNOUNCE_BYTES) }

    for (const [i, [from, to]] of [[caller, called], [called, caller]].entries() as Iterable<[number, [Network, Network]]>) {
      const transaction = nextEvent(to, 'transaction')
      from.broadcast({ type: 'newTransaction', transaction: sampleTransaction({ nonce: BigInt(i) }) })
      assert.equal((await transaction).transaction.nonce, BigInt(i))
      const blocks = [hearOf(to, 10 + i), hearOf(to, 20 + i)]
      from.broadcast({ type: 'newBlock', block: sampleBlock({ height: 10 + i }) })
      from.broadcast({ type: 'newBlock', block: sampleBlock({ height: 20 + i, ...large }) })
      await Promise.all(blocks)
    }

    assert.equal(isRelayed(caller, called), true)
  })

  it('are used to synchronise where there is no other way', async () => {
    const blocks = sampleChain(50)
    const genesisHash = blocks[0]!.hash
    const chain = new MemoryChain(blocks.slice(0, 1))
    relay = await startNode({ nat: { relayServer: true }, maxInbound: 1, genesisHash })
    called = await startNode({ nat: { relay: true }, seedPeers: [addressOf(relay)], genesisHash, chain: new MemoryChain(blocks) })
    await eventually(() => circuitsOf(called).length === 1, 'a reservation')
    caller = await startNode({ nat: { relay: true }, listen: [], seedPeers: circuitsOf(called), maxOutbound: 1, genesisHash, chain })

    await eventually(() => chain.head.height === 49, 'the chain')
    assert.equal(isRelayed(caller, called), true)
  })

  it('move to a direct connection when there is one, though every slot is taken, and nothing is lost', async () => {
    await startPair({ called: { maxInbound: 1 } })
    const closures: string[] = []
    const heights: number[] = []
    called.addEventListener('block', ({ detail: { block } }) => { heights.push(block.height) })

    for (const node of [caller, called]) {
      node.addEventListener('peer:closed', ({ detail: { reason } }) => { closures.push(String(reason)) })
    }

    const sent: number[] = []
    const timer = setInterval(() => {
      sent.push(sent.length)
      assert.equal(caller.broadcast({ type: 'newBlock', block: sampleBlock({ height: sent.length - 1 }) }).queued, 1)
    }, 1)

    try {
      // as DCUtR does it, past our own dialling
      await caller.libp2p.dial(multiaddr(directOf(called)), { force: true })
      await eventually(() => !isRelayed(caller, called) && !isRelayed(called, caller), 'the move')
      await eventually(() => closures.length === 2, 'the end of the relayed session')
    } finally {
      clearInterval(timer)
    }

    await eventually(() => heights.length === sent.length, 'every block')
    assert.deepEqual(heights.toSorted((a, b) => a - b), sent)
    assert.deepEqual(closures, ['DUPLICATE_CONNECTION', 'DUPLICATE_CONNECTION'])
    assert.deepEqual(caller.peers.counts, { inbound: 0, outbound: 1, blockOnly: 0, pending: 0, reserved: 0 })
    assert.equal(called.peers.counts.inbound, 1)
    await eventually(() => caller.libp2p.getConnections(called.libp2p.peerId).length === 1, 'the relayed connection to be closed')
  })

  it('move to a direct connection, and no large item is lost that was announced before or meanwhile', async function () {
    this.timeout(60_000)
    const MOVES = 6
    const rateLimits = { blocks: { perSecond: 10_000, burst: 10_000 } }

    for (let move = 0; move < MOVES; move++) {
      await startPair({ called: { rateLimits }, caller: { rateLimits } })
      const sides = [[caller, called], [called, caller]].map(([from, to]) => ({ from: from!, sent: [] as number[], heard: listen(to!) }))
      const timer = setInterval(() => {
        for (const { from, sent } of sides) {
          sent.push(sent.length)
          from.broadcast({ type: 'newBlock', block: sampleBlock({ height: sent.length - 1, hash: sampleHash(`${String(from.libp2p.peerId)} ${sent.length}`), proof: new Uint8Array(ANNOUNCE_BYTES) }) })
        }
      }, 2)

      try {
        await caller.libp2p.dial(multiaddr(directOf(called)), { force: true })
        await eventually(() => !isRelayed(caller, called) && !isRelayed(called, caller), 'the move')
      } finally {
        clearInterval(timer)
      }

      for (const { sent, heard } of sides) {
        await eventually(() => heard.size === sent.length, `all ${sent.length} blocks in move ${move}`)
      }

      await stopNodes()
    }
  })

  it('move to a direct connection that is slower, with no time between the two sessions, and no small transaction is lost', async () => {
    const rateLimits = { transactions: { perSecond: 10_000, burst: 10_000 } }
    await startPair({ called: { rateLimits }, caller: { rateLimits, maxOutbound: 2 } })
    // somebody else is there: what nobody is there for is kept in any case
    await Promise.all([caller, called].map(async (node) => node.connect(addressOf(await startNode()))))
    const sides = [[caller, called], [called, caller]].map(([from, to]) => ({ from: from!, sent: 0, heard: listenFor(to!) }))
    let hasGone = false
    called.addEventListener('peer:closed', () => { hasGone = true })
    const direct = directOf(called)
    const [, , , , port] = direct.split('/')
    const proxy = await startDelayProxy({ port: Number(port), roundTripMs: 100 })
    let sentBetween = 0

    const timer = setInterval(() => {
      sentBetween += hasGone && called.peers.get(caller.libp2p.peerId.toString()) == null ? 1 : 0

      for (const side of sides) {
        const nonce = BigInt(side.sent++)
        side.from.broadcast({ type: 'newTransaction', transaction: sampleTransaction({ nonce, id: sampleHash(`${String(side.from.libp2p.peerId)} ${nonce}`) }) })
      }
    }, 1)

    try {
      await caller.libp2p.dial(multiaddr(direct.replace(`/tcp/${port}/`, `/tcp/${proxy.port}/`)), { force: true })
      await eventually(() => hasGone && called.peers.get(caller.libp2p.peerId.toString()) != null && !isRelayed(caller, called), 'the move')
    } finally {
      clearInterval(timer)
    }

    try {
      assert.equal(sentBetween, 0)

      for (const { sent, heard } of sides) {
        await eventually(() => heard.size === sent, `all ${sent} transactions`)
      }
    } finally {
      await stopNodes()
      await proxy.close()
    }
  })

  it('end when the relay goes, and are made anew when it is back', async () => {
    await startPair()
    const address = addressOf(relay)
    const privateKey = (relay.libp2p as unknown as { components: { privateKey: NetworkConfig['privateKey'] } }).components.privateKey
    const gone = nextEvent(caller, 'peer:closed')
    await relay.stop()
    await gone
    await eventually(() => circuitsOf(called).length === 0, 'the end of the reservation')
    relay = await startNode({ nat: { relayServer: true }, listen: [address.replace(/\/p2p\/.*/, '')], privateKey, maxInbound: 1 })

    await eventually(() => isRelayed(caller, called) && isRelayed(called, caller), 'a session')
  })

  it(`go through ${RELAY_RESERVATIONS} relays at most`, async () => {
    const relays = await Promise.all(Array.from({ length: RELAY_RESERVATIONS }, async () => startNode({ nat: { relayServer: true } })))
    called = await startNode({ nat: { relay: true }, seedPeers: relays.map(addressOf) })
    await eventually(() => circuitsOf(called).length === RELAY_RESERVATIONS, 'the relays')
    const another = await startNode({ nat: { relayServer: true } })
    const { id } = await called.connect(addressOf(another))
    const { relay } = another.libp2p.services as unknown as { relay: CircuitRelayService }

    // it would have been asked meanwhile
    for (let i = 0; i < 10; i++) {
      await called.requestBlock(0, { peer: id })
    }

    assert.equal(relay.reservations.size, 0)
    assert.equal(circuitsOf(called).length, RELAY_RESERVATIONS)
    await relays[0]!.stop()
    called.peers.disconnect(id)
    await called.connect(addressOf(another))
    await eventually(() => relay.reservations.size === 1 && circuitsOf(called).length === RELAY_RESERVATIONS, 'another relay in its place')
  })

  it('are limited in bytes and seconds to both ends, as the relay says on the wire', async () => {
    await startPair()
    const reserved: Uint8Array[] = []
    const stream = await called.libp2p.dialProtocol(relay.libp2p.peerId, '/libp2p/circuit/relay/0.2.0/hop')
    stream.addEventListener('message', ({ data }) => { reserved.push(data.subarray()) })
    // a RESERVE with its length
    stream.send(Uint8Array.of(2, 0x08, 0))
    await eventually(() => stream.status !== 'open' || stream.remoteWriteStatus !== 'writable', 'the answer')
    // field 4: an hour in seconds, and 32 MiB
    const limit = '2208' + '08901c' + '1080808010'

    assert.ok(Buffer.concat(reserved).toString('hex').includes(limit), Buffer.concat(reserved).toString('hex'))

    for (const [node, other] of [[caller, called], [called, caller]] as const) {
      const [connection] = node.libp2p.getConnections(other.libp2p.peerId)
      const { seconds, bytes } = connection!.limits!

      assert.ok(seconds! <= RELAYED_DURATION_MS / 1000 && seconds! > RELAYED_DURATION_MS / 1000 - 60, `${seconds} s`)
      assert.ok(bytes! <= BigInt(RELAYED_BYTES), `${bytes} bytes`)
    }
  })

  it(`end after ${RELAYED_BYTES} bytes`, async function () {
    this.timeout(20_000)
    relay = await startNode({ nat: { relayServer: true } })
    const start = async (...listen: string[]): Promise<Libp2p> => createLibp2p({
      ...LIBP2P_PARTS, transports: [tcp(), circuitRelayTransport()], services: { identify: identify() }, addresses: { listen }
    })
    const to = await start(`${addressOf(relay)}/p2p-circuit`)
    const from = await start()
    let received = 0

    try {
      await to.handle(PROTOCOL, (stream) => {
        stream.addEventListener('message', ({ data }) => { received += data.byteLength })
      }, { runOnLimitedConnection: true })
      const stream = await from.dialProtocol(to.getMultiaddrs()[0]!, PROTOCOL, { runOnLimitedConnection: true })
      const piece = new Uint8Array(64 * 1024)
      // encryption, frames and libp2p's own streams take their part
      const fitting = Math.floor(RELAYED_BYTES * 0.98 / piece.byteLength)

      for (let i = 0; i < fitting; i++) {
        if (!stream.send(piece)) {
          await new Promise((resolve) => { stream.addEventListener('drain', resolve, { once: true }) })
        }
      }

      await eventually(() => received === fitting * piece.byteLength, 'what fits')
      assert.equal(stream.status, 'open')

      for (let i = 0; i < fitting / 20 && stream.status === 'open'; i++) {
        stream.send(piece)
      }

      // libp2p's relay tells the one that has sent too much; the other one's pings remain unanswered
      await eventually(() => stream.status !== 'open', 'the end')
      assert(received < RELAYED_BYTES)
    } finally {
      await Promise.all([from.stop(), to.stop()])
    }
  })
})

import assert from 'node:assert/strict'
import { circuitRelayServer } from '@libp2p/circuit-relay-v2'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { createLibp2p } from 'libp2p'
import { LIBP2P_PARTS, nextEvent, sessionOf, startNode, stopNodes } from './nodes.ts'
import { eventually } from '../support/eventually.ts'
import { growChain, MemoryChain } from '../support/memory-chain.ts'
import { sampleBlock, sampleChain, sampleTransaction } from '../support/sample.ts'
import type { Network, NetworkConfig, PeerClosure } from '../../src/index.ts'
import type { Libp2p } from '@libp2p/interface'

const KIB = 1024
const genesis = sampleChain(1)
const genesisHash = genesis[0]!.hash

/** What libp2p's relays let through by default, whoever wrote them. */
const LIMITS = { defaultDataLimit: BigInt(128 * KIB), defaultDurationLimit: 2 * 60 * 1000 }

interface PairConfig {
  called?: Partial<NetworkConfig>
  caller?: Partial<NetworkConfig>
  calls?: boolean
}

/** The reasons that sessions have ended for. */
function ends (closures: readonly PeerClosure[]): string[] {
  return [...new Set(closures.map(({ reason }) => String(reason)))]
}

describe('integration/circuits', function () {
  this.timeout(60_000)
  let relay: Libp2p
  let called: Network
  let caller: Network
  let closures: PeerClosure[]

  beforeEach(async () => {
    closures = []
    relay = await createLibp2p({
      ...LIBP2P_PARTS,
      addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
      transports: [tcp()],
      services: { identify: identify(), relay: circuitRelayServer({ reservations: LIMITS }) }
    })
  })

  afterEach(async () => {
    await stopNodes()
    await relay.stop()
  })

  /** The address of the called node at the relay. */
  function circuit (): string | undefined {
    return called.libp2p.getMultiaddrs().map(String).find((address) => address.includes('/p2p-circuit'))
  }

  /** A node that is reachable through the relay, and one that calls it, by itself unless `calls` is false. */
  async function startPair (config: PairConfig = {}): Promise<void> {
    const listen = [`${String(relay.getMultiaddrs()[0])}/p2p-circuit`]
    called = await startNode({ genesisHash, listen, nat: { relay: true }, ...config.called })
    await eventually(() => circuit() != null, 'a reservation')
    const seedPeers = config.calls === false ? [] : [circuit()!]
    caller = await startNode({ genesisHash, listen: [], nat: { relay: true }, seedPeers, ...config.caller })
    caller.addEventListener('peer:closed', ({ detail }) => { closures.push(detail) })

    if (config.calls === false) {
      await caller.connect(circuit()!)
    }

    await eventually(() => [...caller.peers].length === 1 && [...called.peers].length === 1, 'a session')
  }

  for (const who of ['caller', 'called'] as const) {
    it(`synchronise 100 blocks of 20 KiB to the ${who}, in one circuit after the other, none of which the relay cuts`, async () => {
      const blocks = growChain(genesis, 100, 'main', 20 * KIB)
      const copy = new MemoryChain(genesis)
      const other = who === 'caller' ? 'called' : 'caller'
      await startPair({ [who]: { chain: copy }, [other]: { chain: new MemoryChain(blocks) } })
      await eventually(() => copy.head.height === 100, 'the chain', { timeout: 50_000 })

      assert.deepEqual(copy.blocks, blocks)
      assert.deepEqual(ends(closures), ['DUPLICATE_CONNECTION'])
      assert.ok(closures.length < 40, `${closures.length} circuits`)
      // what was used up is closed: a relay has few places
      await eventually(() => caller.libp2p.getConnections(called.libp2p.peerId).length <= 2, 'the circuits to be closed')
    })
  }

  for (const who of ['caller', 'called'] as const) {
    it(`give blocks of 20 and 100 KiB to the ${who}, which asks for a range of them, in one circuit after the other`, async () => {
      const sizes = [20, 20, 20, 100, 20, 100, 20]
      const blocks = sizes.reduce((blocks, size) => growChain(blocks, 1, 'main', size * KIB), genesis)
      await startPair({ [who === 'caller' ? 'called' : 'caller']: { chain: new MemoryChain(blocks) } })
      const heights: number[] = []

      for await (const { height } of (who === 'caller' ? caller : called).requestBlockRange(1, sizes.length, { signal: AbortSignal.timeout(50_000) })) {
        heights.push(height)
      }

      assert.deepEqual(heights, blocks.slice(1).map(({ height }) => height))
      assert.deepEqual(ends(closures).filter((reason) => !['DUPLICATE_CONNECTION', 'SHUTDOWN'].includes(reason)), [])
    })
  }

  it('bring a block that needs a circuit of its own', async () => {
    const blocks = growChain(growChain(genesis, 3, 'main', 20 * KIB), 1, 'main', 100 * KIB)
    const copy = new MemoryChain(genesis)
    await startPair({ caller: { chain: copy }, called: { chain: new MemoryChain(blocks) } })

    await eventually(() => copy.head.height === 4, 'the chain', { timeout: 50_000 })
  })

  it('ask once for a block that no circuit carries, hold it against no peer, and have it from a peer that is reached directly', async () => {
    const blocks = growChain(growChain(genesis, 3, 'main', KIB), 1, 'main', 200 * KIB)
    const copy = new MemoryChain(genesis)
    await startPair({ caller: { chain: copy }, called: { chain: new MemoryChain(blocks) } })
    await nextEvent(caller, 'sync:fault', ({ kind, height }) => kind === 'unavailable' && height === 4)
    assert.equal(copy.head.height, 3)
    const { bytesIn } = sessionOf(caller, called)
    assert.ok(bytesIn < 20 * KIB, `${bytesIn} bytes`)
    const direct = await startNode({ genesisHash, chain: new MemoryChain(blocks) })
    await caller.connect(direct.libp2p.getMultiaddrs()[0]!.toString())

    await eventually(() => copy.head.height === 4, 'the block')
    assert.deepEqual(closures, [])
  })

  it('carry new blocks and transactions, also large ones and one after the other', async () => {
    await startPair()

    for (let height = 1; height <= 10; height++) {
      const [from, to] = height % 2 === 0 ? [caller, called] : [called, caller]
      const block = nextEvent(to, 'block', ({ block }) => block.height === height)
      assert.equal(from.broadcast({ type: 'newBlock', block: sampleBlock({ height, proof: new Uint8Array(30 * KIB) }) }).queued, 1)
      await block
    }

    const transaction = nextEvent(called, 'transaction')
    // half of a circuit is for blocks
    await eventually(() => caller.broadcast({ type: 'newTransaction', transaction: sampleTransaction({ nonce: 1n }) }).queued === 1, 'room')
    await transaction
    // only the one that has called can make another circuit before the other side has to end what is used up
    assert.ok(ends(closures).every((reason) => ['DUPLICATE_CONNECTION', 'SHUTDOWN'].includes(reason)), ends(closures).join())
  })

  it('that the relay cuts end on both sides, and the side that dialled dials again', async () => {
    await startPair({ calls: false })
    const gone = [nextEvent(caller, 'peer:closed'), nextEvent(called, 'peer:closed')]
    const back = [nextEvent(caller, 'peer:ready'), nextEvent(called, 'peer:ready')]
    const circuits = relay.getConnections().flatMap(({ streams }) => streams).filter(({ protocol }) => protocol.includes('/circuit/relay/'))
    assert.ok(circuits.length > 0)
    circuits[0]!.abort(new Error('cut'))
    await Promise.all(gone)
    await Promise.all(back)

    assert.deepEqual([sessionOf(caller, called).direction, sessionOf(caller, called).isRelayed], ['outbound', true])
  })

  it('are not made again where the application, or the other side, has had enough', async () => {
    await startPair({ calls: false })
    const gone = nextEvent(called, 'peer:closed')
    caller.peers.disconnect(called.libp2p.peerId.toString())
    await gone
    assert.equal(caller.peers.counts.pending, 0)
    assert.deepEqual([...caller.peers], [])
  })
})

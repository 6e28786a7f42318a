import assert from 'node:assert/strict'
import { startDelayProxy } from '../../bench/delay-proxy.ts'
import { eventually } from '../support/eventually.ts'
import { sampleBlock, sampleHash, sampleTransaction } from '../support/sample.ts'
import { closuresOf, whenAlive } from './alive.ts'
import { BlackHole } from './black-hole.ts'
import { killProcesses, NodeProcess } from './node-process.ts'
import { connect, nextEvent, startNode, stopNodes } from './nodes.ts'
import type { DelayProxy } from '../../bench/delay-proxy.ts'
import type { Network, NetworkConfig } from '../../src/index.ts'

/** How long somebody is suspended or busy, in ms. */
const STALL_MS = 5000

/** Longer than that. */
const PATIENT: Partial<NetworkConfig> = { pingInterval: 100, pingTimeout: 20_000 }

/** Shorter than that, and with a ping out at almost any time where the way is long. */
const IMPATIENT: Partial<NetworkConfig> = { pingInterval: 100, pingTimeout: 1000 }

/** Cannot be dialled: what is lost comes back by its own dials only, and not past the link that a test has cut. */
const SILENT: Partial<NetworkConfig> = { listen: [] }

/** Of a way on which a ping is out at almost any time. */
const ROUND_TRIP_MS = 400

/** How much later than they could things may happen on a busy machine, in ms. */
const SLACK_MS = 3000

describe('integration/liveness', function () {
  this.timeout(60_000)

  const holes: BlackHole[] = []
  const proxies: DelayProxy[] = []

  afterEach(async () => {
    await killProcesses()
    await stopNodes()
    await Promise.all([...holes.splice(0), ...proxies.splice(0)].map(async (proxy) => proxy.close()))
  })

  async function holeTo (network: Network): Promise<BlackHole> {
    const hole = await BlackHole.start(portOf(network.libp2p.getMultiaddrs()[0]!.toString()))
    holes.push(hole)

    return hole
  }

  /** An address that leads to another one the long way round, without its peer id. */
  async function slowAddress (address: string): Promise<string> {
    const proxy = await startDelayProxy({ port: portOf(address), roundTripMs: ROUND_TRIP_MS })
    proxies.push(proxy)

    return `/ip4/127.0.0.1/tcp/${proxy.port}`
  }

  describe('a link that is cut without a word', () => {
    it('ends with TIMEOUT on both sides as soon as a pong is late, and is there again when it is healed', async () => {
      const pings = { pingInterval: 300, pingTimeout: 1000 }
      const far = await startNode(pings)
      const hole = await holeTo(far)
      const node = await startNode({ ...pings, ...SILENT, seedPeers: [hole.address], dialTimeout: 500 })
      await whenConnected(node, far)
      const other = await startNode()
      const { there } = await connect(node, other)

      const closed = Promise.all([nextEvent(node, 'peer:closed'), nextEvent(far, 'peer:closed')])
      const cutAt = performance.now()
      hole.cut('both')

      for (const { reason, byRemote } of await closed) {
        assert.deepEqual([reason, byRemote], ['TIMEOUT', false])
      }

      const took = performance.now() - cutAt
      assert.ok(took <= 1.1 * pings.pingInterval + pings.pingTimeout + SLACK_MS, `ended after ${took} ms`)
      assert.equal((await nextEvent(node, 'dial:failed')).target, hole.address)

      const ready = Promise.all([nextEvent(node, 'peer:ready'), nextEvent(far, 'peer:ready')])
      hole.heal()
      await ready
      await whenAlive([...node.peers, ...far.peers])
      assert.equal(there.state, 'ready')
      assert.equal([...node.peers].length, 2)
    })

    it('survives where it is healed in time, and loses nothing', async () => {
      const far = await startNode(PATIENT)
      const hole = await holeTo(far)
      const node = await startNode({ ...PATIENT, ...SILENT, seedPeers: [hole.address] })
      await whenConnected(node, far)
      const closures = [closuresOf(node), closuresOf(far)]
      const came: bigint[] = []
      far.addEventListener('transaction', ({ detail: { transaction } }) => { came.push(transaction.nonce) })

      hole.cut('both')
      const nonces = [1n, 2n, 3n]
      nonces.forEach((nonce) => { node.broadcast({ type: 'newTransaction', transaction: sampleTransaction({ nonce }) }) })
      await eventually(() => [...node.peers][0]!.bytesOut > 500, 'the transactions to be sent')
      assert.deepEqual(came, [])
      hole.heal()
      await eventually(() => came.length === 3, 'the transactions')
      await whenAlive([...node.peers, ...far.peers])
      assert.deepEqual([came, closures], [nonces, [[], []]])
    })
  })

  it('ends with TOO_SLOW for a remote that takes nothing any more while there is something for it, and with TIMEOUT where there is not', async () => {
    for (const [reason, config] of [
      ['TOO_SLOW', { sendTimeout: 1000, pingInterval: 100, pingTimeout: 20_000 }],
      ['TIMEOUT', { sendTimeout: 20_000, pingInterval: 100, pingTimeout: 1000 }]
    ] as const) {
      const far = await startNode(PATIENT)
      const hole = await holeTo(far)
      const node = await startNode({ ...config, ...SILENT, seedPeers: [hole.address], dialTimeout: 500 })
      await whenConnected(node, far)
      const other = await startNode()
      const blocks: number[] = []
      other.addEventListener('block', ({ detail: { block } }) => { blocks.push(block.height) })
      await connect(node, other)

      const closed = nextEvent(node, 'peer:closed')
      hole.cut('there')

      for (let height = 1; height <= 6; height++) {
        node.broadcast({ type: 'newBlock', block: bigBlock(height) })
      }

      const { peer, reason: found, byRemote } = await closed
      assert.deepEqual([peer.id, found, byRemote], [far.libp2p.peerId.toString(), reason, false])
      await eventually(() => blocks.length === 6, 'the other peer to get its blocks')
      hole.heal()
      await stopNodes()
    }
  })

  it(`a process that is suspended for ${STALL_MS} ms keeps its peers where they wait, however impatient it is, and is found again where they do not`, async () => {
    const children = await Promise.all([PATIENT, IMPATIENT, PATIENT].map(async (config) => NodeProcess.start(config)))
    const [first, second, lost] = children as [NodeProcess, NodeProcess, NodeProcess]
    const addresses = [await slowAddress(first.address), await slowAddress(second.address), lost.address]
    const nodes = await Promise.all([PATIENT, PATIENT, IMPATIENT].map(async (config, i) =>
      startNode({ ...config, ...SILENT, seedPeers: [addresses[i]!], dialTimeout: config === IMPATIENT ? 1000 : 10_000 })))
    await eventually(() => children.every(({ peers }) => peers === 1), 'the sessions')
    await whenAlive(nodes.flatMap((node) => [...node.peers]))
    const closures = nodes.map(closuresOf)

    const ended = nextEvent(nodes[2]!, 'peer:closed')
    const thawAt = performance.now() + STALL_MS
    children.forEach((child) => { child.freeze() })
    assert.equal((await ended).reason, 'TIMEOUT')
    await eventually(() => performance.now() >= thawAt, 'the end of the stall')
    const ready = nextEvent(nodes[2]!, 'peer:ready')
    children.forEach((child) => { child.thaw() })
    assert.equal((await ready).id, lost.id)
    await whenAlive(nodes.flatMap((node) => [...node.peers]))

    assert.deepEqual(closures.map(({ length }) => length), [0, 0, 1])
    assert.deepEqual(children.map(closedBy), [[], [], ['TIMEOUT']])
  })

  it(`an event loop that stands still for ${STALL_MS} ms costs no session, however impatient the node is`, async () => {
    const child = await NodeProcess.start({ ...IMPATIENT, frameTimeout: 1000, sendTimeout: 1000 })
    const address = await slowAddress(child.address)
    const nodes = await Promise.all(['a', 'b', 'c'].map(async (nodeId) => startNode({ ...PATIENT, nodeId, ...SILENT, seedPeers: [address] })))
    await eventually(() => child.peers === 3, 'the sessions')
    await whenAlive(nodes.flatMap((node) => [...node.peers]))
    const closures = nodes.map(closuresOf)

    const stalled = child.stall(STALL_MS)
    // something is on its way to it meanwhile, and no more than a pong may wait behind
    nodes.forEach((node, height) => { node.broadcast({ type: 'newBlock', block: sampleBlock({ height, hash: sampleHash(height) }) }) })
    await stalled
    await whenAlive(nodes.flatMap((node) => [...node.peers]))

    assert.deepEqual([closures, closedBy(child), child.peers], [[[], [], []], [], 3])
  })

  it('a jump of the time of day, by hours in either direction, changes nothing', async () => {
    const { now } = Date
    const a = await startNode(IMPATIENT)
    const b = await startNode(IMPATIENT)
    await connect(a, b)
    const closures = [closuresOf(a), closuresOf(b)]

    try {
      for (const [i, hours] of [5, -5, 24 * 365, -24 * 365].entries()) {
        Date.now = () => now() + hours * 3_600_000
        await whenAlive([...a.peers, ...b.peers])
        const block = nextEvent(b, 'block')
        a.broadcast({ type: 'newBlock', block: sampleBlock({ height: i, hash: sampleHash(i) }) })
        assert.equal((await block).block.height, i)
        assert.ok([...a.peers][0]!.rtt! < SLACK_MS)
      }
    } finally {
      Date.now = now
    }

    assert.deepEqual(closures, [[], []])
  })
})

/** Resolves when these have a session with each other. */
async function whenConnected (a: Network, b: Network): Promise<void> {
  const [idA, idB] = [a, b].map(({ libp2p }) => libp2p.peerId.toString()) as [string, string]
  await eventually(() => a.peers.get(idB) != null && b.peers.get(idA) != null, 'the session')
}

function portOf (address: string): number {
  return Number(/\/tcp\/(\d+)/.exec(address)?.[1])
}

/** The reasons of the sessions of a child that have ended. */
function closedBy (child: NodeProcess): (string | undefined)[] {
  return child.reports.flatMap((report) => report.event === 'closed' ? [report.reason] : [])
}

/** A block of a megabyte. */
function bigBlock (height: number): ReturnType<typeof sampleBlock> {
  return sampleBlock({ height, hash: sampleHash(`big ${height}`), transactions: [], proof: new Uint8Array(1024 * 1024).fill(height) })
}

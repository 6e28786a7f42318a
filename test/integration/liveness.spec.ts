import assert from 'node:assert/strict'
import { startDelayProxy } from '../../bench/delay-proxy.ts'
import { eventually } from '../support/eventually.ts'
import { sampleBlock, sampleHash, sampleTransaction } from '../support/sample.ts'
import { closuresOf, whenAlive } from './alive.ts'
import { killProcesses, NodeProcess } from './node-process.ts'
import { nextEvent, startNode, stopNodes } from './nodes.ts'
import { createTestNetwork } from '../../src/testing/index.ts'
import type { DelayProxy } from '../../bench/delay-proxy.ts'
import type { NetworkConfig } from '../../src/index.ts'
import type { Edge } from '../../src/testing/index.ts'

/** How long somebody is suspended or busy, in ms. */
const STALL_MS = 5000

/** Longer than that. */
const PATIENT: Partial<NetworkConfig> = { pingInterval: 100, pingTimeout: 20_000 }

/** Shorter than that, and with a ping out at almost any time where the way is long. */
const IMPATIENT: Partial<NetworkConfig> = { pingInterval: 100, pingTimeout: 1000 }

/** Cannot be dialled: what is lost comes back by its own dials alone. */
const SILENT: Partial<NetworkConfig> = { listen: [] }

/** Of a way on which a ping is out at almost any time. */
const ROUND_TRIP_MS = 400

/** How much later than they could things may happen on a busy machine, in ms. */
const SLACK_MS = 3000

describe('integration/liveness', function () {
  this.timeout(60_000)

  const proxies: DelayProxy[] = []

  afterEach(async () => {
    await killProcesses()
    await stopNodes()
    await Promise.all(proxies.splice(0).map(async (proxy) => proxy.close()))
  })

  /** An address that leads to another one the long way round, without its peer id. */
  async function slowAddress (address: string): Promise<string> {
    const proxy = await startDelayProxy({ port: portOf(address), roundTripMs: ROUND_TRIP_MS })
    proxies.push(proxy)

    return `/ip4/127.0.0.1/tcp/${proxy.port}`
  }

  /** A node that has dialled one over a link that is cut, and another one over a link that is not. */
  const EDGES: Edge[] = [[1, 0], [1, 2]]

  describe('a link that is cut without a word', () => {
    it('ends with TIMEOUT on both sides as soon as a pong is late, and is there again when it is healed', async () => {
      const pings = { pingInterval: 300, pingTimeout: 1000 }
      await using network = await createTestNetwork({
        nodes: 3, topology: EDGES, options: (index) => index === 2 ? {} : { ...pings, dialTimeout: 500 }
      })
      const [far, node, other] = network.nodes
      const there = await node.peer(other)

      const closed = Promise.all([node.once('peer:closed'), far.once('peer:closed')])
      const cutAt = performance.now()
      network.partition([[0]], { kind: 'hole' })

      for (const { reason, byRemote } of await closed) {
        assert.deepEqual([reason, byRemote], ['TIMEOUT', false])
      }

      const took = performance.now() - cutAt
      assert.ok(took <= 1.1 * pings.pingInterval + pings.pingTimeout + SLACK_MS, `ended after ${took} ms`)
      assert.equal((await node.once('dial:failed')).target, far.id)

      const ready = Promise.all([node.once('peer:ready'), far.once('peer:ready')])
      network.heal()
      await ready
      await whenAlive([...node.network.peers, ...far.network.peers])
      assert.equal(there.state, 'ready')
      assert.equal([...node.network.peers].length, 2)
    })

    it('survives where it is healed in time, and loses nothing', async () => {
      await using network = await createTestNetwork({ nodes: 2, options: PATIENT })
      const [far, node] = network.nodes
      const closures = [closuresOf(node.network), closuresOf(far.network)]
      const peer = await node.peer(far)
      const came: bigint[] = []
      far.on('transaction', ({ transaction }) => { came.push(transaction.nonce) })

      network.partition([[0]], { kind: 'hole' })
      const nonces = [1n, 2n, 3n]
      nonces.forEach((nonce) => { node.send(sampleTransaction({ nonce })) })
      await network.until('the transactions to be sent', () => peer.bytesOut > 500)
      assert.deepEqual(came, [])
      network.heal()
      await network.until('the transactions', () => came.length === 3)
      await whenAlive([...node.network.peers, ...far.network.peers])
      assert.deepEqual([came, closures], [nonces, [[], []]])
    })
  })

  it('ends with TOO_SLOW for a remote that takes nothing any more while there is something for it, and with TIMEOUT where there is not', async () => {
    for (const [reason, config] of [
      ['TOO_SLOW', { sendTimeout: 1000, pingInterval: 100, pingTimeout: 20_000 }],
      ['TIMEOUT', { sendTimeout: 20_000, pingInterval: 100, pingTimeout: 1000 }]
    ] as const) {
      await using network = await createTestNetwork({
        nodes: 3, topology: EDGES, options: (index) => [PATIENT, { ...config, dialTimeout: 500 }, {}][index]!
      })
      const [far, node, other] = network.nodes
      const closed = node.once('peer:closed')
      network.partition([[0]], { kind: 'half-hole' })

      for (let count = 1; count <= 6; count++) {
        node.mine(undefined, { bytes: 1024 * 1024 })
      }

      const { peer, reason: found, byRemote } = await closed
      assert.deepEqual([peer.id, found, byRemote], [far.id, reason, false])
      await network.until('the other peer to get its blocks', () => other.chain.head.height === 6)
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
    await using network = await createTestNetwork({ nodes: 2, options: IMPATIENT })
    const [a, b] = network.nodes
    const closures = [closuresOf(a.network), closuresOf(b.network)]

    try {
      for (const hours of [5, -5, 24 * 365, -24 * 365]) {
        Date.now = () => now() + hours * 3_600_000
        await whenAlive([...a.network.peers, ...b.network.peers])
        await network.untilHeard(a.mine())
        assert.ok((await a.peer(b)).rtt! < SLACK_MS)
      }
    } finally {
      Date.now = now
    }

    assert.deepEqual(closures, [[], []])
  })
})

function portOf (address: string): number {
  return Number(/\/tcp\/(\d+)/.exec(address)?.[1])
}

/** The reasons of the sessions of a child that have ended. */
function closedBy (child: NodeProcess): (string | undefined)[] {
  return child.reports.flatMap((report) => report.event === 'closed' ? [report.reason] : [])
}

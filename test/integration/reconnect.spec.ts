import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { addressOf, connect, freePorts, nextEvent, startNode, stopNodes } from './nodes.ts'
import { killProcesses, NodeProcess } from './node-process.ts'
import { eventually } from '../support/eventually.ts'
import type { DialFailure, Network, NetworkConfig, PeerClosure } from '../../src/index.ts'
import type { AddressInfo, Server } from 'node:net'

/** A dial that failed, and when. */
type TimedFailure = DialFailure & { at: number }

const { random } = Math

describe('integration/reconnect: a peer that is lost', function () {
  this.timeout(60_000)

  let dataDir: string
  let listen: string

  beforeEach(async () => {
    const [port] = await freePorts(1) as [number]
    listen = `/ip4/127.0.0.1/tcp/${port}`
    dataDir = await mkdtemp(join(tmpdir(), 'reconnect-test-'))
  })

  afterEach(async () => {
    Math.random = random
    await killProcesses()
    await stopNodes()
    await rm(dataDir, { recursive: true, maxRetries: 10 })
  })

  function failuresOf (network: Network): TimedFailure[] {
    const failures: TimedFailure[] = []
    network.addEventListener('dial:failed', ({ detail }) => { failures.push({ ...detail, at: performance.now() }) })

    return failures
  }

  /** Starts a node whose dialer draws the longest of all waits, until the end of the test, so that how they grow can be seen. */
  async function startUnlucky (config: Partial<NetworkConfig>): Promise<Network> {
    Math.random = () => 1

    return startNode(config)
  }

  it('is noticed when it was killed, dialled with growing waits, and found again after its restart', async () => {
    const child = await NodeProcess.start({ listen: [listen], dataDir })
    const node = await startUnlucky({ seedPeers: [child.address], reconnectDelay: 100, maxReconnectDelay: 800 })
    await eventually(() => node.peers.get(child.id), 'the session')

    const failures = failuresOf(node)
    const closed = nextEvent(node, 'peer:closed')
    const lostAt = performance.now()
    await child.kill()
    const { peer, reason, byRemote } = await closed
    assert.deepEqual([peer.id, peer.state, reason, byRemote], [child.id, 'closed', undefined, true])
    assert.deepEqual(node.peers.counts.outbound, 0)
    await eventually(() => failures.length >= 4, 'four failed dials')

    // the loss of the session was the first failure: it waits 100 ms, and the next one 200
    assert.deepEqual(failures.slice(0, 4).map(({ failures, retryIn }) => [failures, retryIn]), [[2, 200], [3, 400], [4, 800], [5, 800]])

    failures.forEach(({ at, target }, i) => {
      const previous = failures[i - 1] ?? { at: lostAt, retryIn: 100 }

      assert.equal(target, child.id)
      // the wait is from before the event to before the failure: what is measured may be a little shorter
      assert.ok(at - previous.at >= previous.retryIn - 20, `tried again after ${at - previous.at} ms of ${previous.retryIn}`)
    })

    const ready = nextEvent(node, 'peer:ready')
    const restarted = await NodeProcess.start({ listen: [listen], dataDir })
    assert.equal(restarted.id, child.id)
    assert.equal((await ready).id, child.id)
    assert.equal(node.peers.counts.outbound, 1)
  })

  it('is found again with a new identity where its address was given without one', async () => {
    const child = await NodeProcess.start({ listen: [listen] })
    const node = await startNode({ seedPeers: [listen] })
    await eventually(() => node.peers.get(child.id), 'the session')

    const ready = nextEvent(node, 'peer:ready')
    await child.kill()
    const restarted = await NodeProcess.start({ listen: [listen] })
    assert.notEqual(restarted.id, child.id)
    assert.equal((await ready).id, restarted.id)
    assert.deepEqual([...node.peers].map(({ id }) => id), [restarted.id])
  })

  it('costs the others no session, and all of them find it again', async () => {
    const child = await NodeProcess.start({ listen: [listen], dataDir })
    const nodes = await Promise.all(['a', 'b', 'c'].map(async (nodeId) => startNode({ nodeId, seedPeers: [listen] })))
    const [a, b, c] = nodes as [Network, Network, Network]
    await Promise.all([connect(a, b), connect(b, c), connect(c, a)])
    await eventually(() => nodes.every((node) => [...node.peers].length === 3), 'everybody with everybody')

    const closures: PeerClosure[] = []
    nodes.forEach((node) => { node.addEventListener('peer:closed', ({ detail }) => { closures.push(detail) }) })
    await child.kill()
    await eventually(() => nodes.every((node) => node.peers.get(child.id) == null), 'everybody to notice')
    await NodeProcess.start({ listen: [listen], dataDir })
    await eventually(() => nodes.every((node) => node.peers.get(child.id) != null), 'everybody to be connected again')

    assert.deepEqual(closures.map(({ peer }) => peer.id), [child.id, child.id, child.id])
    assert.ok(nodes.every((node) => [...node.peers].length === 3))
  })

  it('ends with TIMEOUT when it hears and says nothing any more, and comes back when it does', async () => {
    const child = await NodeProcess.start({ listen: [listen] })
    const node = await startNode({ seedPeers: [listen], pingInterval: 200, pingTimeout: 1000, dialTimeout: 500 })
    const other = await startNode()
    const { there } = await connect(node, other)
    await eventually(() => node.peers.get(child.id), 'the session')

    const closed = nextEvent(node, 'peer:closed')
    const frozenAt = performance.now()
    child.freeze()
    const { peer, reason, byRemote } = await closed
    assert.deepEqual([peer.id, reason, byRemote], [child.id, 'TIMEOUT', false])
    assert.ok(performance.now() - frozenAt >= 900, 'a pong may take pingTimeout')

    // the machine itself still takes connections for it
    const { target, error } = await nextEvent(node, 'dial:failed')
    assert.equal(target, listen)
    assert.ok(error instanceof Error)

    const ready = nextEvent(node, 'peer:ready')
    child.thaw()
    assert.equal((await ready).id, child.id)
    assert.equal(there.state, 'ready')
    assert.equal(node.peers.get(addressOf(other).split('/').at(-1)!), there)
  })
})

describe('integration/reconnect: addresses of one peer', () => {
  const silent: Server[] = []

  afterEach(async () => {
    await stopNodes()
    silent.splice(0).forEach((server) => { server.close() })
  })

  /** An address where everything is swallowed. */
  async function swallow (): Promise<string> {
    const server = createServer((socket) => { socket.on('error', () => {}) })
    silent.push(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')

    return `/ip4/127.0.0.1/tcp/${(server.address() as AddressInfo).port}`
  }

  it('reaches a peer of whose addresses two swallow everything within the time for one dial, by itself and where it is told to', async function () {
    this.timeout(30_000)
    const live = await startNode({ maxOutbound: 0 })
    const id = live.libp2p.peerId.toString()
    // those that are configured last are tried first
    const seedPeers = [addressOf(live), `${await swallow()}/p2p/${id}`, `${await swallow()}/p2p/${id}`]
    const [alone, told] = [await startNode({ seedPeers, dialTimeout: 10_000 }), await startNode({ seedPeers, dialTimeout: 10_000 })]
    const failures: string[] = []
    alone.addEventListener('dial:failed', ({ detail }) => { failures.push(detail.target) })
    const peer = await told.connect(addressOf(live))
    assert.equal(peer.id, id)
    await eventually(() => alone.peers.get(id) != null, 'the third address', { timeout: 10_000 })
    assert.deepEqual(failures, [])
  })
})

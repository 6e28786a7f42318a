import assert from 'node:assert/strict'
import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { Scene, usedBytes } from './scene.ts'
import { eventually } from '../support/eventually.ts'
import { addressOf, LIBP2P_PARTS } from '../integration/nodes.ts'
import { MAX_RELAY_CLIENTS, MAX_RELAY_CLIENTS_PER_HOST, MAX_RELAYED_CONNECTIONS_PER_HOST } from '../../src/libp2p/nat/relay.ts'
import { MAX_RELAYED_CONNECTIONS } from '../../src/libp2p/nat/relay-client.ts'
import type { Network } from '../../src/index.ts'
import type { CircuitRelayService } from '@libp2p/circuit-relay-v2'
import type { Connection, Libp2p } from '@libp2p/interface'
import type { TransportManager } from '@libp2p/interface-internal'

const PROTOCOL = '/test/1.0.0'

describe('hostile/relay-reservations', function () {
  this.timeout(60_000)

  let scene: Scene
  let relay: Network
  let nodes: Libp2p[]

  beforeEach(async () => {
    nodes = []
    await start()
  })

  afterEach(async () => {
    await Promise.all(nodes.map(async (node) => { await node.stop() }))
    await scene.stop()
  })

  /** A relay, and an honest peer of it that is served whatever others do there. */
  async function start (): Promise<void> {
    scene = await Scene.start({ nat: { relayServer: true } }, { nat: {} })
    relay = scene.victim
  }

  function reservations (): string[] {
    const { relay: service } = relay.libp2p.services as unknown as { relay: CircuitRelayService }

    return Array.from(service.reservations.keys(), String)
  }

  async function startNode (host: string): Promise<Libp2p> {
    // of `node:net`, which libp2p passes on to it
    const dialOpts: object = { localAddress: host }
    const node = await createLibp2p({
      ...LIBP2P_PARTS, transports: [tcp({ dialOpts }), circuitRelayTransport()], services: { identify: identify() }
    })
    nodes.push(node)
    await node.handle(PROTOCOL, () => {}, { runOnLimitedConnection: true })

    return node
  }

  /** A node that asks for a reservation; whether it has got one. */
  async function reserve (host: string): Promise<{ node: Libp2p, hasPlace: boolean }> {
    const node = await startNode(host)
    const { transportManager } = (node as Libp2p & { components: { transportManager: TransportManager } }).components
    await transportManager.listen([multiaddr(`${addressOf(relay)}/p2p-circuit`)]).catch(() => {})

    return { node, hasPlace: reservations().includes(node.peerId.toString()) }
  }

  async function call (host: string, client: Libp2p): Promise<Connection | undefined> {
    const node = await startNode(host)

    return node.dial(multiaddr(`${addressOf(relay)}/p2p-circuit/p2p/${client.peerId.toString()}`)).catch(() => undefined)
  }

  it(`gives one host ${MAX_RELAY_CLIENTS_PER_HOST} reservations and no more, and a reservation ends with its connection`, async () => {
    const crowd = await scene.expectHonestServedDuring(
      Promise.all(Array.from({ length: MAX_RELAY_CLIENTS_PER_HOST + 2 }, async () => reserve('127.90.0.1')))
    )
    assert.equal(crowd.filter(({ hasPlace }) => hasPlace).length, MAX_RELAY_CLIENTS_PER_HOST)

    await Promise.all(crowd.map(async ({ node }) => { await node.stop() }))
    await eventually(() => reservations().length === 0, 'the reservations to end')
    assert.equal((await reserve('127.90.0.1')).hasPlace, true)
  })

  it('is not kept in memory by reservations that there were when it stopped', async () => {
    const stopped = new WeakRef(relay.libp2p)
    assert.equal((await reserve('127.90.0.1')).hasPlace, true)
    await scene.stop()
    await start()

    await eventually(() => {
      usedBytes()

      return stopped.deref() == null
    }, 'the stopped relay to be collected')
  })

  it('has a reservation for an honest client when one netgroup has taken all', async () => {
    const crowd = await scene.expectHonestServedDuring(
      Promise.all(Array.from({ length: MAX_RELAY_CLIENTS }, async (_, i) => reserve(`127.90.${i}.1`)))
    )
    assert.equal(crowd.filter(({ hasPlace }) => hasPlace).length, MAX_RELAY_CLIENTS)

    assert.equal((await reserve('127.91.0.1')).hasPlace, true)
    assert.equal(reservations().length, MAX_RELAY_CLIENTS)
    assert.equal((await reserve('127.90.99.1')).hasPlace, false)
    assert.equal(reservations().length, MAX_RELAY_CLIENTS)
  })

  it(`lets one host call a client ${MAX_RELAYED_CONNECTIONS_PER_HOST} times at a time, and others get through past one network`, async () => {
    const { node: client } = await reserve('127.80.0.1')
    const ofOneHost = await Promise.all(Array.from({ length: MAX_RELAYED_CONNECTIONS_PER_HOST + 2 }, async () => call('127.90.0.1', client)))
    assert.equal(ofOneHost.filter((connection) => connection != null).length, MAX_RELAYED_CONNECTIONS_PER_HOST)

    await scene.expectHonestServedDuring(
      Promise.all(Array.from({ length: MAX_RELAYED_CONNECTIONS }, async (_, i) => call(`127.90.${1 + i}.1`, client)))
    )
    const honest = await call('127.91.0.1', client)
    assert.ok(honest != null, 'the honest caller gets through')
    const stream = await honest.newStream(PROTOCOL, { runOnLimitedConnection: true })
    assert.equal(stream.status, 'open')

    // and is not put out by more of them
    await Promise.all(Array.from({ length: 4 }, async (_, i) => call(`127.90.${50 + i}.1`, client)))
    assert.equal(honest.status, 'open')
  })
})

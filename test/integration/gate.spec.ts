import assert from 'node:assert/strict'
import { connect as connectTcp } from 'node:net'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { GENESIS_HASH, LIBP2P_PARTS } from './nodes.ts'
import { eventually } from '../support/eventually.ts'
import { locationOfIp } from '../support/loopback-hosts.ts'
import { resolveServiceConfig } from '../../src/config/resolve.ts'
import { PROTOCOL_ID, vibecoin } from '../../src/index.ts'
import { createService } from '../../src/service/index.ts'
import { createGate } from '../../src/libp2p/gate/gate.ts'
import { connectionLimits, MAX_SESSIONLESS, MAX_SESSIONLESS_PER_HOST, MAX_HALF_OPEN, MAX_HALF_OPEN_PER_HOST } from '../../src/libp2p/gate/gate-limits.ts'
import type { ServiceInit, VibeCoin } from '../../src/index.ts'
import type { VibeCoinExtras } from '../../src/service/api.ts'
import type { LocationOfIp } from '../../src/address/location.ts'
import type { GateOwner } from '../../src/libp2p/gate/gate.ts'
import type { Connection, Libp2p } from '@libp2p/interface'
import type { Socket } from 'node:net'

type Node = Libp2p<{ vibecoin: VibeCoin }>

/** How long an honest node may take to get a session during an attack, in ms. */
const HONEST_MS = 2000

/** The hosts of an attacker: each in a network of its own, which is the most that it can have. */
const ATTACKERS = ['127.1.0.1', '127.2.0.1', '127.3.0.1', '127.4.0.1', '127.5.0.1']
const CONNECTIONS = 200
/** Of each host, where encryption takes its time: more than it may hold. */
const ENCRYPTED_CONNECTIONS = 2 * MAX_SESSIONLESS_PER_HOST
const HONEST = '127.9.0.1'

const INIT: ServiceInit = { network: 'vibecoin-test', genesisHash: GENESIS_HASH }

/** What libp2p counts itself. */
interface Counts { incomingPendingConnections: number, getConnections: () => unknown[] }

const IDLE = async (): Promise<void> => Promise.resolve()

describe('integration/gate', function () {
  this.timeout(30_000)

  const running = new Set<Libp2p>()
  let banned: Set<string>
  let isOver: boolean
  let sockets: Socket[]

  beforeEach(() => {
    banned = new Set()
    isOver = false
    sockets = []
  })

  afterEach(async () => {
    isOver = true
    sockets.forEach((socket) => { socket.destroy() })
    await Promise.all([...running].map(async (node) => { await node.stop() }))
    running.clear()
  })

  async function startHub (maxInboundRate = 1000): Promise<Node> {
    const owner: GateOwner = {
      isBanned: ({ id, host }) => banned.has(id ?? '') || banned.has(host ?? ''),
      hasSession: ({ remotePeer, remoteAddr }) => {
        return node.services.vibecoin.peers.get(remotePeer.toString())?.address === remoteAddr.toString()
      }
    }
    const gate = createGate({ owner: () => owner, maxInboundRate, locationOfIp })
    const extras: VibeCoinExtras & { locationOfIp: LocationOfIp } = { locationOfIp }

    const node: Node = await createLibp2p({
      ...LIBP2P_PARTS,
      addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
      connectionGater: gate.connectionGater,
      connectionManager: { ...connectionLimits(40), inboundConnectionThreshold: Infinity },
      services: { ...gate.services, identify: identify(), vibecoin: createService(resolveServiceConfig(INIT), extras) } as never
    })
    running.add(node)

    return node
  }

  /** A libp2p node whose connections come from an address. */
  async function startAt (localAddress: string, services: object = {}): Promise<Libp2p> {
    // of `node:net`, which libp2p passes on to it
    const dialOpts: object = { localAddress }
    const node = await createLibp2p({ ...LIBP2P_PARTS, transports: [tcp({ dialOpts })], services: services as never })
    running.add(node)

    return node
  }

  function countsOf (hub: Node): Counts {
    return (hub as unknown as { components: { connectionManager: Counts } }).components.connectionManager
  }

  /** How long an honest node takes from its first connection to a session, in ms. */
  async function timeHonest (hub: Node): Promise<number> {
    const honest = await startAt(HONEST, { identify: identify(), vibecoin: vibecoin(INIT) }) as Node
    const began = performance.now()
    await honest.services.vibecoin.connect(hub.getMultiaddrs()[0]!.toString())

    return performance.now() - began
  }

  /** Opens a TCP connection and says nothing, again and again. */
  function holdOpen (hub: Node, localAddress: string): void {
    const socket = connectTcp({ host: '127.0.0.1', port: Number(hub.getMultiaddrs()[0]!.toString().split('/')[4]), localAddress })
    sockets.push(socket)
    socket.on('error', () => {})
    socket.resume()

    socket.once('close', () => {
      sockets.splice(sockets.indexOf(socket), 1)

      if (!isOver) {
        holdOpen(hub, localAddress)
      }
    })
  }

  /** Opens encrypted connections and does something with each, again and again, until there were so many. */
  async function hold (hub: Node, localAddress: string, use: (connection: Connection) => Promise<unknown>): Promise<void> {
    const attacker = await startAt(localAddress)

    for (let i = 0; i < ENCRYPTED_CONNECTIONS; i++) {
      await attacker.dial(hub.getMultiaddrs(), { force: true }).then(use).catch(() => {})
    }
  }

  it('has room for others while some hold connections that say nothing', async () => {
    const hub = await startHub()
    const counts = countsOf(hub)
    ATTACKERS.flatMap((host) => Array(CONNECTIONS / ATTACKERS.length).fill(host) as string[]).forEach((host) => { holdOpen(hub, host) })
    await eventually(() => counts.incomingPendingConnections >= ATTACKERS.length * MAX_HALF_OPEN_PER_HOST, 'the attack')

    const took = await timeHonest(hub)
    assert.ok(took < HONEST_MS, `${took} ms`)
    assert.ok(counts.incomingPendingConnections <= connectionLimits(40).maxIncomingPendingConnections)
  })

  it('has room for others while one has more hosts than there are places', async () => {
    const hub = await startHub()
    const counts = countsOf(hub)

    for (let i = 1; i <= CONNECTIONS; i++) {
      holdOpen(hub, `127.1.1.${i}`)
    }

    await eventually(() => counts.incomingPendingConnections >= MAX_HALF_OPEN, 'the attack')
    const took = await timeHonest(hub)
    assert.ok(took < HONEST_MS, `${took} ms`)
  })

  it('has room for others while some hold encrypted connections without a stream', async () => {
    const hub = await startHub()
    await Promise.all(ATTACKERS.map(async (host) => hold(hub, host, IDLE)))
    const held = hub.getConnections().length
    assert.ok(held > 0 && held <= ATTACKERS.length * MAX_SESSIONLESS_PER_HOST && held <= MAX_SESSIONLESS, `${held} connections`)

    const took = await timeHonest(hub)
    assert.ok(took < HONEST_MS, `${took} ms`)
  })

  it('has room for others while some open sessions and never say who they are', async () => {
    const hub = await startHub()
    await Promise.all(ATTACKERS.map(async (host) => hold(hub, host, async (connection) => connection.newStream(PROTOCOL_ID))))

    const took = await timeHonest(hub)
    assert.ok(took < HONEST_MS, `${took} ms`)
  })

  it('keeps its sessions while others open connections', async () => {
    const hub = await startHub()
    await timeHonest(hub)
    const peer = await eventually(() => [...hub.services.vibecoin.peers][0], 'the session')
    await Promise.all([...ATTACKERS, '127.9.0.2', HONEST].map(async (host) => hold(hub, host, IDLE)))
    assert.deepEqual([...hub.services.vibecoin.peers], [peer])
    assert.equal(peer.state, 'ready')
  })

  it('lets no banned peer in, by host or by peer id, and dials neither', async () => {
    const hub = await startHub()
    const client = await startAt(HONEST)
    const address = multiaddr(hub.getMultiaddrs()[0]!.toString())
    banned.add(HONEST)
    await assert.rejects(client.dial(address))
    banned.delete(HONEST)
    await client.dial(address)
    await client.hangUp(hub.peerId)
    banned.add(client.peerId.toString())
    // whoever dials has all it needs for a connection a moment before it is refused
    await client.dial(address).catch(() => {})
    await eventually(() => client.getConnections().length === 0, 'no connection')
    assert.equal(hub.getConnections().length, 0)

    await assert.rejects(hub.dial(client.peerId), { name: 'DialDeniedError' })
    banned.add('127.0.0.9')
    await assert.rejects(hub.dial(multiaddr('/ip4/127.0.0.9/tcp/1')), { name: 'DialDeniedError' })
  })
})

import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { defaultLogger } from '@libp2p/logger'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { FakeClock } from '../../../support/fake-clock.ts'
import { turns } from '../../../support/eventually.ts'
import {
  CALL_AGAIN_MS, DIRECT_CALL_TIMEOUT_MS, DirectCalls, MAX_CALLS_PER_CIRCUIT, MAX_DIRECT_CALLS, MAX_WAITING_CALLS, TRIES_PER_CALL
} from '../../../../src/libp2p/nat/webrtc/direct-calls.ts'
import type { Connection, PeerId, Topology } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const RELAY = '/ip4/203.0.113.7/tcp/8765/p2p/12D3KooWBnanXAFBAU5ydX4dQM1m9ZBHg6Hxgkr6KNHjp9KQaDdd'

interface FakeConnection extends Pick<Connection, 'remoteAddr' | 'remotePeer' | 'direction'> {
  status: string
  close: () => Promise<void>
}

/** Connections in memory, and dials that end when a test says so. */
class World {
  readonly clock = new FakeClock()
  readonly dials: { address: Multiaddr, end: (err?: Error) => void, signal: AbortSignal }[] = []
  readonly calls: DirectCalls
  readonly #connections: FakeConnection[] = []
  #topology: Topology | undefined

  constructor () {
    this.calls = new DirectCalls({
      registrar: {
        register: async (_protocol, topology) => {
          this.#topology = topology

          return 'id'
        },
        unregister: () => { this.#topology = undefined }
      },
      connectionManager: {
        getConnections: (peer) => this.#connections.filter(({ remotePeer }) => remotePeer.equals(peer!)) as unknown as Connection[]
      },
      transportManager: {
        dial: async (address: Multiaddr, options?: { signal?: AbortSignal }) => {
          const { promise, resolve, reject } = Promise.withResolvers<Connection>()
          const { signal } = options as { signal: AbortSignal }
          signal.addEventListener('abort', () => { reject(signal.reason as Error) })
          this.dials.push({ address, signal, end: (err) => { resolve(err == null ? {} as Connection : Promise.reject(err)) } })

          return promise
        }
      },
      logger: defaultLogger()
    }, this.clock)
  }

  connect (peer: PeerId, { isDirect = false, direction = 'outbound' }: { isDirect?: boolean, direction?: Connection['direction'] } = {}): FakeConnection {
    const listeners: (() => void)[] = []
    const connection = {
      remoteAddr: multiaddr(isDirect ? `/ip4/203.0.113.8/tcp/1/p2p/${peer.toString()}` : `${RELAY}/p2p-circuit/p2p/${peer.toString()}`),
      remotePeer: peer,
      direction,
      status: 'open',
      streams: [],
      addEventListener: (_type: string, listener: () => void) => { listeners.push(listener) },
      close: async () => {
        connection.status = 'closed'
        this.#connections.splice(this.#connections.indexOf(connection), 1)
        listeners.forEach((listener) => { listener() })
      }
    }
    this.#connections.push(connection)
    void this.#topology?.onConnect?.(peer, connection as unknown as Connection)

    return connection
  }
}

describe('libp2p/nat/webrtc/direct-calls', () => {
  let world: World
  let peers: PeerId[]

  before(async () => {
    peers = await Promise.all(Array.from({ length: MAX_DIRECT_CALLS + MAX_WAITING_CALLS + 1 }, async () => {
      return peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
    }))
  })

  beforeEach(async () => {
    world = new World()
    await world.calls.start()
  })

  const stateOf = (i: number): string | undefined => world.calls.stateOf(String(peers[i]))

  it('calls a peer that was dialled through a relay, at the address for that', async () => {
    world.connect(peers[0]!)
    assert.equal(world.dials[0]?.address.toString(), `${RELAY}/p2p-circuit/webrtc/p2p/${peers[0]!.toString()}`)
    assert.equal(stateOf(0), 'trying')
    world.dials[0].end()
    await turns(1)
    assert.equal(stateOf(0), 'trying')
  })

  it('has nothing to say of a peer whose session has moved, which ends the circuit', async () => {
    const circuit = world.connect(peers[0]!)
    world.dials[0]!.end()
    world.connect(peers[0]!, { isDirect: true })
    await turns(1)
    await circuit.close()
    assert.equal(stateOf(0), undefined)
    await world.clock.advance(CALL_AGAIN_MS)
    assert.equal(world.dials.length, 1)
  })

  it('calls no peer that has dialled this node, none that is there directly, and none that is by its turn', async () => {
    world.connect(peers[0]!, { direction: 'inbound' })
    world.connect(peers[1]!, { isDirect: true })
    world.connect(peers[1]!)
    await turns(1)
    assert.equal(world.dials.length, 0)
  })

  it('gives a try so much time, says that both have failed, and calls again later, three times in all', async () => {
    world.connect(peers[0]!)

    for (let calls = 1; calls <= MAX_CALLS_PER_CIRCUIT; calls++) {
      assert.equal(world.dials.length, (calls - 1) * TRIES_PER_CALL + 1)
      await world.clock.advance(DIRECT_CALL_TIMEOUT_MS)
      assert.equal(world.dials.length, calls * TRIES_PER_CALL)
      await world.clock.advance(DIRECT_CALL_TIMEOUT_MS - 1)
      assert.equal(stateOf(0), 'trying')
      await world.clock.advance(1)
      assert.equal(stateOf(0), 'failed')
      await world.clock.advance(CALL_AGAIN_MS - 1)
      assert.equal(world.dials.length, calls * TRIES_PER_CALL)
      await world.clock.advance(1)
    }

    assert.equal(world.dials.length, MAX_CALLS_PER_CIRCUIT * TRIES_PER_CALL)
    assert.equal(stateOf(0), 'failed')
  })

  it('calls again where the direct connection is gone soon, and the circuit is not', async () => {
    world.connect(peers[0]!)
    const direct = world.connect(peers[0]!, { isDirect: true })
    world.dials[0]!.end()
    await turns(1)
    await direct.close()
    await world.clock.advance(CALL_AGAIN_MS - 1)
    assert.equal(world.dials.length, 1)
    await world.clock.advance(1)
    assert.equal(world.dials.length, 2)
    assert.equal(stateOf(0), 'trying')
  })

  it('closes direct connections that the session has not moved to in time, calls again, and says at last that it stays', async () => {
    world.connect(peers[0]!)

    for (let calls = 1; calls <= MAX_CALLS_PER_CIRCUIT; calls++) {
      const direct = world.connect(peers[0]!, { isDirect: true })
      world.dials.at(-1)!.end()
      await turns(1)
      await world.clock.advance(CALL_AGAIN_MS - 1)
      assert.deepEqual([direct.status, world.dials.length, stateOf(0)], ['open', calls, 'trying'])
      await world.clock.advance(1)
      assert.equal(direct.status, 'closed')
    }

    assert.deepEqual([world.dials.length, stateOf(0)], [MAX_CALLS_PER_CIRCUIT, 'failed'])
  })

  it('says that a session stays whose peer has closed each direct connection', async () => {
    world.connect(peers[0]!)

    for (let calls = 1; calls <= MAX_CALLS_PER_CIRCUIT; calls++) {
      world.dials.at(-1)!.end()
      await turns(1)
      assert.equal(stateOf(0), 'trying')
      await world.clock.advance(CALL_AGAIN_MS)
    }

    assert.deepEqual([world.dials.length, stateOf(0)], [MAX_CALLS_PER_CIRCUIT, 'failed'])
  })

  it('says that a session stays which has not moved to a connection that was made otherwise', async () => {
    const direct = world.connect(peers[0]!, { isDirect: true })
    world.connect(peers[0]!)
    await world.clock.advance(MAX_CALLS_PER_CIRCUIT * CALL_AGAIN_MS)
    assert.deepEqual([direct.status, world.dials.length, stateOf(0)], ['open', 0, 'failed'])
  })

  it('leaves a direct connection alone that it has not called for', async () => {
    const direct = world.connect(peers[0]!, { isDirect: true })
    world.connect(peers[0]!)
    await world.clock.advance(CALL_AGAIN_MS)
    assert.deepEqual([direct.status, world.dials.length], ['open', 0])
  })

  it('makes a second try at once where the first one fails', async () => {
    world.connect(peers[0]!)
    world.dials[0]!.end(new Error('missed it'))
    await turns(1)
    assert.equal(world.dials.length, 2)
    assert.equal(stateOf(0), 'trying')
    world.dials[1]!.end()
    await turns(1)
    await world.clock.advance(CALL_AGAIN_MS - 1)
    assert.equal(world.dials.length, 2)
  })

  it('forgets what became of a peer with its last circuit', async () => {
    const [first, second] = [world.connect(peers[0]!), world.connect(peers[0]!)]

    for (let i = 0; i < 2 * TRIES_PER_CALL; i++) {
      world.dials[i]!.end(new Error('no path'))
      await turns(2)
    }

    assert.equal(stateOf(0), 'failed')
    await first.close()
    assert.equal(stateOf(0), 'failed')
    await second.close()
    assert.equal(stateOf(0), undefined)
    await world.clock.advance(CALL_AGAIN_MS)
    await turns(1)
    assert.equal(world.dials.length, 2 * TRIES_PER_CALL)
  })

  it('makes so many calls at a time, has so many wait, and leaves the rest on the relay', async () => {
    peers.forEach((peer) => { world.connect(peer) })
    assert.equal(world.dials.length, MAX_DIRECT_CALLS)
    assert.equal(stateOf(MAX_DIRECT_CALLS + MAX_WAITING_CALLS - 1), 'trying')
    assert.equal(stateOf(MAX_DIRECT_CALLS + MAX_WAITING_CALLS), undefined)
    world.dials[0]!.end()
    await turns(1)
    assert.equal(world.dials.length, MAX_DIRECT_CALLS + 1)
  })

  it('ends its calls when it stops, and calls no more', async () => {
    world.connect(peers[0]!)
    world.calls.stop()
    assert.equal(world.dials[0]!.signal.aborted, true)
    await turns(1)
    await world.clock.advance(CALL_AGAIN_MS)
    world.connect(peers[1]!)
    await turns(1)
    assert.equal(world.dials.length, 1)
  })
})

import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { TypedEventEmitter } from 'main-event'
import { FakeClock } from '../../support/fake-clock.ts'
import { locationOfIp } from '../../../src/address/location.ts'
import { IDLE_CONNECTION_MS, MAX_SESSIONLESS, MAX_SESSIONLESS_PER_HOST, SWEEP_INTERVAL_MS } from '../../../src/libp2p/gate/gate-limits.ts'
import { SessionlessConnections } from '../../../src/libp2p/gate/sessionless.ts'
import type { Connection, Libp2pEvents, PeerId } from '@libp2p/interface'

describe('libp2p/gate/sessionless', () => {
  let peers: PeerId[]
  let clock: FakeClock
  let events: TypedEventEmitter<Libp2pEvents>
  let sessions: Set<Connection>
  /** How often it was asked whether a connection has a session. */
  let asked: number
  let tags: Map<PeerId, string[]>
  let hasOwner: boolean
  let onLook: () => void
  let sessionless: SessionlessConnections

  /** A connection that tells of its end as libp2p does. */
  class FakeConnection {
    readonly remotePeer: PeerId
    readonly remoteAddr: ReturnType<typeof multiaddr>
    readonly direction: string
    readonly streams: { protocol: string }[] = []
    status = 'open'
    end: 'closed' | 'cut' | undefined

    constructor (ip: string, { peer, direction = 'inbound' }: { peer?: PeerId, direction?: string } = {}) {
      this.remotePeer = peer ?? peers[0]!
      this.remoteAddr = multiaddr(`/ip4/${ip}/tcp/1`)
      this.direction = direction
    }

    get asConnection (): Connection { return this as unknown as Connection }
    abort (): void { this.#end('cut') }

    async close (): Promise<void> {
      await Promise.resolve()
      this.#end('closed')
    }

    #end (end: 'closed' | 'cut'): void {
      this.status = 'closed'
      this.end ??= end
      events.safeDispatchEvent('connection:close', { detail: this.asConnection })
    }
  }

  before(async () => {
    peers = await Promise.all(Array.from({ length: 3 }, async () => peerIdFromPrivateKey(await generateKeyPair('Ed25519'))))
  })

  beforeEach(() => {
    clock = new FakeClock()
    events = new TypedEventEmitter()
    sessions = new Set()
    asked = 0
    tags = new Map()
    hasOwner = true
    onLook = () => {}
    sessionless = new SessionlessConnections({
      components: { events, peerStore: { get: tagsOf } },
      owner: () => hasOwner ? { hasSession } : undefined,
      clock,
      locationOfIp
    })
    sessionless.start()
  })

  afterEach(() => {
    sessionless.stop()
    assert.equal(clock.pending, 0)
    assert.equal(sessionless.size, 0)
  })

  function hasSession (connection: Connection): boolean {
    asked++

    return sessions.has(connection)
  }

  async function tagsOf (peer: PeerId): Promise<{ tags: Map<string, { value: number }> }> {
    onLook()
    const found = tags.get(peer)

    return found == null ? Promise.reject(new Error('not found')) : Promise.resolve({ tags: new Map(found.map((tag) => [tag, { value: 1 }])) })
  }

  function open (...args: ConstructorParameters<typeof FakeConnection>): FakeConnection {
    const connection = new FakeConnection(...args)
    events.safeDispatchEvent('connection:open', { detail: connection.asConnection })

    return connection
  }

  function openMany (count: number, ipOf: (i: number) => string): FakeConnection[] {
    return Array.from({ length: count }, (_, i) => open(ipOf(i)))
  }

  function endsOf (connections: FakeConnection[]): unknown[] {
    return connections.filter(({ end }) => end != null)
  }

  describe('that are idle', () => {
    it(`are closed after ${IDLE_CONNECTION_MS} ms, at the next look`, async () => {
      const connection = open('8.8.8.8')
      await clock.advance(IDLE_CONNECTION_MS - 1)
      assert.equal(connection.end, undefined)
      await clock.advance(SWEEP_INTERVAL_MS)
      assert.equal(connection.end, 'closed')
      assert.equal(clock.pending, 0)
    })

    it('are cut where they cannot be closed', async () => {
      const connection = open('8.8.8.8')
      connection.close = async () => Promise.reject(new Error('no answer'))
      await clock.advance(IDLE_CONNECTION_MS + SWEEP_INTERVAL_MS)
      assert.equal(connection.end, 'cut')
    })

    it('are cut where they are closing already, and do not come to an end', async () => {
      const connection = open('8.8.8.8')
      connection.status = 'closing'
      // libp2p does nothing more then
      connection.close = async () => {}
      await clock.advance(IDLE_CONNECTION_MS + SWEEP_INTERVAL_MS)
      assert.equal(connection.end, 'cut')
    })

    it('are those without a stream of which it is known what for', async () => {
      const connection = open('8.8.8.8')
      connection.streams.push({ protocol: '' })
      await clock.advance(IDLE_CONNECTION_MS + SWEEP_INTERVAL_MS)
      assert.equal(connection.end, 'closed')
    })

    it('are left while there is a stream, and so long after it', async () => {
      const connection = open('8.8.8.8')
      connection.streams.push({ protocol: '/some/protocol' })
      await clock.advance(10 * IDLE_CONNECTION_MS)
      connection.streams.pop()
      await clock.advance(IDLE_CONNECTION_MS - SWEEP_INTERVAL_MS)
      assert.equal(connection.end, undefined)
      await clock.advance(2 * SWEEP_INTERVAL_MS)
      assert.equal(connection.end, 'closed')
    })

    it('are left while there is a session, and so long after it', async () => {
      const connection = open('8.8.8.8')
      sessions.add(connection.asConnection)
      await clock.advance(10 * IDLE_CONNECTION_MS)
      sessions.clear()
      await clock.advance(IDLE_CONNECTION_MS - SWEEP_INTERVAL_MS)
      assert.equal(connection.end, undefined)
      await clock.advance(2 * SWEEP_INTERVAL_MS)
      assert.equal(connection.end, 'closed')
    })

    it('are left where we have opened them', async () => {
      const connection = open('8.8.8.8', { direction: 'outbound' })
      await clock.advance(10 * IDLE_CONNECTION_MS)
      assert.equal(connection.end, undefined)
    })

    for (const tag of ['circuit-relay-source', 'keep-alive-application']) {
      it(`are left where the peer has the tag ${tag}, for as long as it has`, async () => {
        tags.set(peers[1]!, [tag])
        const kept = open('8.8.8.8', { peer: peers[1]! })
        await clock.advance(10 * IDLE_CONNECTION_MS)
        assert.equal(kept.end, undefined)
        tags.clear()
        await clock.advance(IDLE_CONNECTION_MS + SWEEP_INTERVAL_MS)
        assert.equal(kept.end, 'closed')
      })
    }

    it('are not all left of a peer that has such a tag, but the last', async () => {
      tags.set(peers[1]!, ['circuit-relay-source'])
      const connections = Array.from({ length: 3 }, () => open('8.8.8.8', { peer: peers[1]! }))
      await clock.advance(IDLE_CONNECTION_MS + SWEEP_INTERVAL_MS)
      assert.deepEqual(connections.map(({ end }) => end), ['closed', 'closed', undefined])
    })

    it('are left before the service has started, which says which of them have sessions', async () => {
      hasOwner = false
      const connections = openMany(2 * MAX_SESSIONLESS, () => '8.8.8.8')
      await clock.advance(2 * IDLE_CONNECTION_MS)
      assert.deepEqual(endsOf(connections), [])
    })
  })

  describe('that are too many', () => {
    it(`are those above ${MAX_SESSIONLESS_PER_HOST} of one host: its oldest is cut`, () => {
      const connections = openMany(MAX_SESSIONLESS_PER_HOST, () => '8.8.8.8')
      assert.deepEqual(endsOf(connections), [])
      const last = open('8.8.8.8')
      assert.deepEqual(endsOf([...connections, last]), [connections[0]])
      assert.equal(connections[0]!.end, 'cut')
    })

    it(`are those above ${MAX_SESSIONLESS} in all: the oldest of the most crowded network is cut, streams or not`, () => {
      const honest = open('9.9.9.9')
      const crowd = openMany(MAX_SESSIONLESS - 1, (i) => `8.8.${i}.8`)
      crowd[0]!.streams.push({ protocol: '/some/protocol' })
      assert.deepEqual(endsOf([honest, ...crowd]), [])
      const last = open('7.7.7.7')
      assert.deepEqual(endsOf([honest, ...crowd, last]), [crowd[0]])
    })

    it('are no sessions, and no clients of our relay', async () => {
      tags.set(peers[1]!, ['circuit-relay-source'])
      const client = open('8.8.8.8', { peer: peers[1]! })
      const session = open('8.8.8.8')
      sessions.add(session.asConnection)
      await clock.advance(SWEEP_INTERVAL_MS)
      openMany(10 * MAX_SESSIONLESS, (i) => i % 2 === 0 ? '8.8.8.8' : `8.8.${i % 200}.8`)
      assert.deepEqual(endsOf([client, session]), [])
      assert.equal(sessionless.size, MAX_SESSIONLESS + 2)
    })

    it(`are looked for where there are more than ${MAX_SESSIONLESS} in all, and not before`, () => {
      openMany(MAX_SESSIONLESS, (i) => `8.8.${i}.8`)
      assert.equal(asked, 0)
      open('7.7.7.7')
      assert.equal(asked, MAX_SESSIONLESS + 1)
    })

    it(`are looked for where a host has more than ${MAX_SESSIONLESS_PER_HOST}, sessions or not, and has not lost one since`, () => {
      const connections = openMany(MAX_SESSIONLESS_PER_HOST, () => '8.8.8.8')
      open('7.7.7.7')
      connections[0]!.abort()
      open('8.8.8.8')
      assert.equal(asked, 0)
      open('8.8.8.8')
      assert.equal(asked, MAX_SESSIONLESS_PER_HOST + 2)
    })

    it('are not those that have ended', () => {
      const connections = openMany(MAX_SESSIONLESS_PER_HOST, () => '8.8.8.8')
      connections[3]!.abort()
      open('8.8.8.8')
      assert.equal(connections[0]!.end, undefined)
      open('8.8.8.8')
      assert.equal(connections[0]!.end, 'cut')
    })
  })

  it('are not looked after when it has stopped', async () => {
    const connection = open('8.8.8.8')
    sessionless.stop()
    assert.equal(clock.pending, 0)
    open('8.8.8.8')
    await clock.advance(2 * IDLE_CONNECTION_MS)
    assert.equal(connection.end, undefined)
  })

  it('are looked after once where it was stopped and started during a look', async () => {
    open('8.8.8.8')
    let looks = 0

    onLook = () => {
      if (looks++ === 0) {
        sessionless.stop()
        sessionless.start()
        open('8.8.8.8')
      }
    }

    await clock.advance(SWEEP_INTERVAL_MS)
    assert.equal(looks, 1)
    assert.equal(clock.pending, 1)
  })
})

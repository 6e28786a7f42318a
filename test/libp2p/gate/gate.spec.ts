import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { FakeClock } from '../../support/fake-clock.ts'
import { createGate } from '../../../src/libp2p/gate/gate.ts'
import { connectionLimits, MAX_HALF_OPEN, MAX_HALF_OPEN_PER_HOST, MAX_SESSIONLESS, MAX_SESSIONLESS_PER_HOST } from '../../../src/libp2p/gate/gate-limits.ts'
import type { GateOwner } from '../../../src/libp2p/gate/gate.ts'
import type { ConnectionGater, MultiaddrConnection, PeerId, Startable } from '@libp2p/interface'

const RATE = 20
const RELAY = '/ip4/8.8.8.8/tcp/1/p2p/12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5/p2p-circuit'

class FakeConnection extends EventTarget {
  readonly remoteAddr: ReturnType<typeof multiaddr>
  isCut = false

  constructor (address: string) {
    super()
    this.remoteAddr = multiaddr(address)
  }

  abort (): void {
    this.isCut = true
    this.dispatchEvent(new Event('close'))
  }
}

describe('libp2p/gate/gate', () => {
  let alice: PeerId
  let bob: PeerId
  let clock: FakeClock
  let banned: Set<string>
  let owner: GateOwner | undefined
  let gater: ConnectionGater
  let services: ReturnType<typeof createGate>['services']

  before(async () => {
    [alice, bob] = [peerIdFromPrivateKey(await generateKeyPair('Ed25519')), peerIdFromPrivateKey(await generateKeyPair('Ed25519'))]
  })

  beforeEach(() => {
    clock = new FakeClock()
    banned = new Set()
    owner = { isBanned: ({ id, host }) => banned.has(id ?? '') || banned.has(host ?? ''), hasSession: () => false }
    const gate = createGate({ owner: () => owner, maxInboundRate: RATE, clock })
    gater = gate.connectionGater
    services = gate.services
  })

  /** What becomes of a connection that somebody opens from a place. */
  function accept (address: string): FakeConnection & { isDenied: boolean } {
    const connection = new FakeConnection(address.startsWith('/') ? address : `/ip4/${address}/tcp/1`)
    const isDenied = gater.denyInboundConnection!(connection as unknown as MultiaddrConnection) as boolean

    return Object.assign(connection, { isDenied })
  }

  function acceptMany (count: number, addressOf: (i: number) => string): ReturnType<typeof accept>[] {
    return Array.from({ length: count }, (_, i) => accept(addressOf(i)))
  }

  function upgrade (connection: FakeConnection, peer = alice): void {
    assert.equal(gater.denyInboundEncryptedConnection!(peer, connection as unknown as MultiaddrConnection), false)
    assert.equal(gater.denyInboundUpgradedConnection!(peer, connection as unknown as MultiaddrConnection), false)
  }

  describe('for a banned peer', () => {
    it('refuses a host before encryption, in all its addresses, and no other', () => {
      banned.add('8.8.8.8').add('2a00:1450:4001:80b::/64')
      assert.equal(accept('8.8.8.8').isDenied, true)
      assert.equal(accept('8.8.8.9').isDenied, false)
      assert.equal(accept('/ip6/::ffff:8.8.8.8/tcp/1').isDenied, true)
      assert.equal(accept('/ip6/2a00:1450:4001:80b::1/tcp/1').isDenied, true)
      assert.equal(accept('/ip6/2a00:1450:4001:80c::1/tcp/1').isDenied, false)
    })

    it('refuses a peer after encryption, whichever side has opened the connection', () => {
      banned.add(alice.toString())
      const connection = accept('8.8.8.8') as unknown as MultiaddrConnection
      assert.equal(gater.denyInboundEncryptedConnection!(alice, connection), true)
      assert.equal(gater.denyOutboundEncryptedConnection!(alice, connection), true)
      assert.equal(gater.denyInboundEncryptedConnection!(bob, connection), false)
      assert.equal(gater.denyOutboundEncryptedConnection!(bob, connection), false)
    })

    it('dials neither', () => {
      banned.add('8.8.8.8').add(alice.toString())
      assert.equal(gater.denyDialPeer!(alice), true)
      assert.equal(gater.denyDialPeer!(bob), false)
      assert.equal(gater.denyDialMultiaddr!(multiaddr('/ip4/8.8.8.8/tcp/1')), true)
      assert.equal(gater.denyDialMultiaddr!(multiaddr('/ip4/8.8.4.4/tcp/1')), false)
      assert.equal(gater.denyDialMultiaddr!(multiaddr('/dns4/seed.example.org/tcp/1')), false)
    })

    it('says whom it dials, who may never be banned', () => {
      const asked: unknown[] = []
      owner = { isBanned: (who) => asked.push(who) === 0, hasSession: () => false }
      void gater.denyDialMultiaddr!(multiaddr(`/ip4/8.8.8.8/tcp/1/p2p/${alice.toString()}`))
      void gater.denyDialMultiaddr!(multiaddr('/ip4/8.8.8.8/tcp/1'))
      assert.deepEqual(asked, [{ id: alice.toString(), host: '8.8.8.8' }, { host: '8.8.8.8' }])
    })

    it('does not take a peer for the relay between', () => {
      banned.add('8.8.8.8')
      assert.equal(accept(RELAY).isDenied, false)
      assert.equal(gater.denyDialMultiaddr!(multiaddr(RELAY)), false)
    })

    it('is no relay, and takes no connection through one', () => {
      banned.add(alice.toString())
      assert.equal(gater.denyInboundRelayReservation!(alice), true)
      assert.equal(gater.denyInboundRelayedConnection!(bob, alice), true)
      assert.equal(gater.denyInboundRelayedConnection!(alice, bob), false)
      assert.equal(gater.denyOutboundRelayedConnection!(bob, alice), true)
      assert.equal(gater.denyOutboundRelayedConnection!(alice, bob), true)
    })

    it('asks anew each time, and refuses no peer before the service has started', () => {
      banned.add(alice.toString()).add('8.8.8.8')
      const known = owner
      owner = undefined
      assert.equal(gater.denyDialPeer!(alice), false)
      assert.equal(accept('8.8.8.8').isDenied, false)
      owner = known
      assert.equal(gater.denyDialPeer!(alice), true)
      banned.clear()
      assert.equal(gater.denyDialPeer!(alice), false)
    })
  })

  describe('for connections that are not encrypted yet', () => {
    it(`keeps ${MAX_HALF_OPEN_PER_HOST} of one host, and cuts its oldest for one more`, () => {
      const connections = acceptMany(MAX_HALF_OPEN_PER_HOST, () => '8.8.8.8')
      assert.ok(connections.every(({ isCut, isDenied }) => !isCut && !isDenied))
      const last = accept('8.8.8.8')
      assert.deepEqual([...connections, last].map(({ isCut }) => isCut), [true, ...Array<boolean>(MAX_HALF_OPEN_PER_HOST).fill(false)])
    })

    it(`keeps ${MAX_HALF_OPEN} in all, and lets in who comes from elsewhere`, () => {
      const honest = accept('9.9.9.9')
      const crowd = acceptMany(MAX_HALF_OPEN - 1, (i) => `8.8.${i}.8`)
      assert.ok([honest, ...crowd].every(({ isCut }) => !isCut))
      const late = accept('7.7.7.7')
      assert.deepEqual([honest, ...crowd, late].filter(({ isCut }) => isCut), [crowd[0]])
    })

    it('has all behind a proxy on this machine count as one crowd, not as one host', () => {
      const proxied = acceptMany(MAX_HALF_OPEN, () => '127.0.0.1')
      assert.ok(proxied.every(({ isCut }) => !isCut))
      const others = acceptMany(3, (i) => `${i + 7}.8.8.8`)
      assert.ok(others.every(({ isCut }) => !isCut))
      assert.equal(proxied.filter(({ isCut }) => isCut).length, 3)
    })

    it('counts them no more when they are ready, or have ended', () => {
      const connections = acceptMany(MAX_HALF_OPEN_PER_HOST, () => '8.8.8.8')
      upgrade(connections[1]!)
      connections[2]!.abort()
      acceptMany(2, () => '8.8.8.8')
      assert.equal(connections[0]!.isCut, false)
      accept('8.8.8.8')
      assert.equal(connections[0]!.isCut, true)
      assert.equal(connections[1]!.isCut, false)
    })
  })

  it('counts what it cuts, by reason, and what others cut or refuse not at all', () => {
    let counted = (): unknown => undefined
    const metrics = {
      registerCounterGroup: (name: string, { calculate }: { calculate: () => unknown }) => {
        assert.equal(name, 'vibecoin_refused_connections_total')
        counted = calculate
      }
    }
    const events = new EventTarget()
    const sessionless = services['sessionless']!({ events, peerStore: {}, metrics } as unknown as Parameters<typeof services[string]>[0]) as Startable
    assert.deepEqual(counted(), { 'banned-host': 0, 'banned-peer': 0, rate: 0, 'half-open': 0, sessionless: 0 })

    banned.add('8.8.8.8').add(alice.toString())
    accept('8.8.8.8')
    const connection = accept('8.8.4.4') as unknown as MultiaddrConnection
    void gater.denyInboundEncryptedConnection!(alice, connection)
    void gater.denyOutboundEncryptedConnection!(alice, connection)
    void gater.denyDialPeer!(alice)
    assert.deepEqual(counted(), { 'banned-host': 1, 'banned-peer': 1, rate: 0, 'half-open': 0, sessionless: 0 })

    acceptMany(RATE + 2, () => '9.9.9.9')
    assert.deepEqual(counted(), { 'banned-host': 0, 'banned-peer': 0, rate: 2, 'half-open': RATE - MAX_HALF_OPEN_PER_HOST, sessionless: 0 })

    void sessionless.start()
    Array.from({ length: MAX_SESSIONLESS_PER_HOST + 3 }, () => {
      const detail = { direction: 'inbound', status: 'open', remoteAddr: multiaddr('/ip4/7.7.7.7/tcp/1'), streams: [], abort: () => {} }
      events.dispatchEvent(new CustomEvent('connection:open', { detail }))
    })
    void sessionless.stop()
    assert.deepEqual(counted(), { 'banned-host': 0, 'banned-peer': 0, rate: 0, 'half-open': 0, sessionless: 3 })
  })

  it('stands before the limits of libp2p, which it leaves room for what is being cut', () => {
    const { maxConnections, maxIncomingPendingConnections } = connectionLimits(40)
    assert.ok(maxIncomingPendingConnections >= 2 * MAX_HALF_OPEN)
    assert.ok(maxConnections >= 40 + 2 * MAX_SESSIONLESS)
  })

  describe('for how often a host connects', () => {
    it(`refuses more than the rate, of a customer with many addresses too`, async () => {
      const addresses = (i: number): string => `/ip6/2a00:1450:4001:80b::${i.toString(16)}/tcp/1`
      const connections = acceptMany(RATE + 1, addresses)
      assert.deepEqual(connections.map(({ isDenied }) => isDenied), [...Array<boolean>(RATE).fill(false), true])
      assert.equal(accept('/ip6/2a00:1450:4001:80c::1/tcp/1').isDenied, false)
      await clock.advance(1000 / RATE)
      assert.equal(accept(addresses(0)).isDenied, false)
    })

    it('counts each private address by itself, those in one /64 too', () => {
      for (const addresses of [['10.0.0.1', '10.0.0.2'], ['/ip6/fd00::1/tcp/1', '/ip6/fd00::2/tcp/1']] as const) {
        const denied = acceptMany(RATE + 1, () => addresses[0]).map(({ isDenied }) => isDenied)
        assert.deepEqual(denied, [...Array<boolean>(RATE).fill(false), true])
        assert.equal(accept(addresses[1]).isDenied, false)
      }
    })

    it('does not count loopback, as no limit of a host does', () => {
      for (const address of ['127.0.0.1', '127.8.0.9', '/ip6/::1/tcp/1', '/ip6/::ffff:127.0.0.1/tcp/1']) {
        assert.ok(acceptMany(10 * RATE, () => address).every(({ isDenied }) => !isDenied), address)
      }
    })

    it('does not cut others for what it refuses', () => {
      const connections = acceptMany(RATE, () => '8.8.8.8').slice(-MAX_HALF_OPEN_PER_HOST)
      assert.equal(accept('8.8.8.8').isDenied, true)
      assert.ok(connections.every(({ isCut }) => !isCut))
    })
  })
})

import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { defaultLogger } from '@libp2p/logger'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { TypedEventEmitter } from 'main-event'
import { ExternalAddress, TOLD_FACTOR, TOLD_MS } from '../../src/service/external-address.ts'
import { OBSERVATION_TTL_MS } from '../../src/address/external-hosts.ts'
import { ADDRESS_RULES } from '../../src/address/scope.ts'
import { FakeClock } from '../support/fake-clock.ts'
import type { Connection, IdentifyResult, Libp2pEvents, PeerId } from '@libp2p/interface'
import type { AddressManager, ConnectionManager, NodeAddress } from '@libp2p/interface-internal'

const HOST = '203.0.113.7'
const OURS = `/ip4/${HOST}/tcp/8765`
const PUBLIC_PEER = '/ip4/8.8.8.8/tcp/50000'
const RELAY = '/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp/p2p-circuit'

/** As much of libp2p's as is used: what is observed is not announced until it was tried, and is gone where that failed. */
class FakeAddressManager {
  readonly observed = new Map<string, boolean>()
  /** Addresses of others that libp2p takes no more of. */
  isFull = false
  /** How often it was asked. */
  asked = 0

  getAddressesWithMetadata (): NodeAddress[] {
    this.asked++

    return [
      { multiaddr: multiaddr('/ip4/192.168.1.1/tcp/8765'), verified: true, expires: 1, type: 'transport' },
      { multiaddr: multiaddr('/ip6/fd00::1/tcp/8765'), verified: true, expires: 1, type: 'transport' },
      ...[...this.observed].map(([address, verified]) => ({ multiaddr: multiaddr(address), verified, expires: 0, type: 'observed' as const }))
    ]
  }

  getAddresses (): unknown[] {
    return this.getAddressesWithMetadata().filter(({ verified }) => verified).map(({ multiaddr }) => multiaddr)
  }

  getObservedAddrs (): unknown[] { return [...this.observed.keys()].map((address) => multiaddr(address)) }
  addObservedAddr (address: unknown): void { if (!this.isFull) { this.observed.set(String(address), false) } }
  removeObservedAddr (address: unknown): void { this.observed.delete(String(address)) }
}

describe('service/external-address', () => {
  let clock: FakeClock
  let events: TypedEventEmitter<Libp2pEvents>
  let addressManager: FakeAddressManager
  let external: ExternalAddress
  const connections = new Map<string, Connection[]>()
  const ids: PeerId[] = []

  before(async () => {
    for (let i = 0; i < 8; i++) {
      ids.push(peerIdFromPrivateKey(await generateKeyPair('Ed25519')))
    }
  })

  beforeEach(() => {
    clock = new FakeClock()
    events = new TypedEventEmitter()
    addressManager = new FakeAddressManager()
    connections.clear()
    external = new ExternalAddress({
      components: {
        events,
        peerId: ids[0]!,
        addressManager: addressManager as unknown as AddressManager,
        connectionManager: { getConnections: (id: PeerId) => connections.get(id.toString()) ?? [] } as unknown as ConnectionManager
      },
      rules: ADDRESS_RULES,
      clock,
      log: defaultLogger().forComponent('test')
    })
    external.start()
  })

  interface Facts { from?: string, direction?: 'inbound' | 'outbound', session?: 'inbound' | 'outbound' | 'none' }

  /** A connection to a peer in a network of its own, and the session with it. */
  function connect (i: number, { from = `/ip4/9.${i}.0.1/tcp/8765`, direction = 'outbound', session = 'outbound' }: Facts = {}): Connection {
    const connection = { remotePeer: ids[i]!, remoteAddr: multiaddr(from), direction, status: 'open' } as Connection
    const id = ids[i]!.toString()
    connections.set(id, [...connections.get(id) ?? [], connection])

    if (session !== 'none') {
      external.onReady({ id, direction: session })
    }

    return connection
  }

  function identify (connection: Connection, observed: string): void {
    const detail = { connection, peerId: connection.remotePeer, observedAddr: observed === '' ? undefined : multiaddr(observed) }
    events.safeDispatchEvent('peer:identify', { detail: detail as unknown as IdentifyResult })
  }

  /** Peers 1 to `count` see us at a host. */
  function observe (count: number, observed = `/ip4/${HOST}/tcp/40000`, facts: Facts = {}): Connection[] {
    return Array.from({ length: count }, (_, i) => {
      const connection = connect(i + 1, facts)
      identify(connection, observed)

      return connection
    })
  }

  function told (peer = PUBLIC_PEER): string[] {
    return external.addressesFor(peer).map((address) => address.toString().replace(/\/p2p\/[^/]+$/, ''))
  }

  it('tells the host that three dialled peers see, with the port that is listened on', () => {
    observe(2)
    assert.deepEqual(told(), [])
    identify(connect(3), `/ip4/${HOST}/tcp/1234`)
    assert.deepEqual(told(), [OURS])
    assert.deepEqual(told('/ip4/192.168.1.9/tcp/1'), ['/ip4/192.168.1.1/tcp/8765', OURS, '/ip6/fd00::1/tcp/8765'])
  })

  it('does the same for IPv6', () => {
    observe(3, '/ip6/2a00:1450::7/tcp/40000')
    assert.deepEqual(told(), ['/ip6/2a00:1450::7/tcp/8765'])
  })

  it('counts what was seen before there was a session, when there is one', () => {
    const early = Array.from({ length: 3 }, (_, i) => connect(i + 1, { session: 'none' }))
    early.forEach((connection) => { identify(connection, `/ip4/${HOST}/tcp/1`) })
    assert.deepEqual(told(), [])

    early.forEach(({ remotePeer }) => {
      external.onReady({ id: remotePeer.toString(), direction: 'outbound' })
    })
    assert.deepEqual(told(), [OURS])
  })

  it('does not ask those who have dialled us, nor those that libp2p alone has dialled', () => {
    observe(7, undefined, { direction: 'inbound', session: 'inbound' })
    observe(7, undefined, { direction: 'inbound', session: 'outbound' })
    observe(7, undefined, { direction: 'outbound', session: 'inbound' })
    observe(7, undefined, { direction: 'outbound', session: 'none' })
    assert.deepEqual(told(), [])
  })

  it('does not ask peers whose session has ended, unless another one with them is ready', () => {
    const before = Array.from({ length: 3 }, (_, i) => ({ id: ids[i + 1]!.toString(), direction: 'outbound' as const }))
    const connections = before.map((session, i) => {
      external.onReady(session)

      return connect(i + 1, { session: 'none' })
    })
    external.onReady({ ...before[0]! })
    before.forEach((session) => { external.onClosed(session) })
    connections.forEach((connection) => { identify(connection, `/ip4/${HOST}/tcp/1`) })
    assert.deepEqual(told(), [])

    external.onReady(before[1]!)
    assert.deepEqual(told(), [])
    external.onReady(before[2]!)
    assert.deepEqual(told(), [OURS])
  })

  it('does not ask peers in one network, in local networks, at names, or behind relays', () => {
    for (const from of ['/ip4/9.9.0.1/tcp/1', '/ip4/192.168.1.7/tcp/1', '/ip4/127.0.0.1/tcp/1', '/ip6/fd00::2/tcp/1', '/dns4/a.example.org/tcp/1']) {
      observe(7, undefined, { from })
    }

    for (let i = 1; i < 8; i++) {
      identify(connect(i, { from: `/ip4/8.${i}.0.1/tcp/1${RELAY}` }), `/ip4/${HOST}/tcp/1`)
    }

    assert.deepEqual(told(), [])
  })

  it('takes no host that is not public, no name and no relay', () => {
    for (const observed of [
      '', '/ip4/192.168.1.1/tcp/1', '/ip4/127.0.0.1/tcp/1', '/ip4/100.64.0.1/tcp/1', '/ip4/224.0.0.1/tcp/1', '/ip6/fe80::1/tcp/1', '/ip6/::1/tcp/1',
      '/dns4/a.example.org/tcp/1', '/memory/1', `/ip4/${HOST}/tcp/1${RELAY}`
    ]) {
      observe(7, observed)
      assert.deepEqual(told(), [], observed)
    }

    assert.deepEqual([...addressManager.observed.keys()], [])
  })

  it('gives libp2p the address to have it tried, and takes it back when no peer sees it any more', async () => {
    const seen = observe(3)
    assert.deepEqual([...addressManager.observed.keys()], [OURS])
    seen.forEach((connection) => { connection.status = 'closed' })
    await clock.advance(OBSERVATION_TTL_MS - 1)
    assert.deepEqual(told(), [OURS])
    await clock.advance(OBSERVATION_TTL_MS)
    assert.deepEqual([told(), [...addressManager.observed.keys()]], [[], []])
  })

  it('changes over to a new host, and leaves one to libp2p that was found good', () => {
    observe(3)
    addressManager.observed.set(OURS, true)
    assert.deepEqual(told(), [OURS])
    observe(3, '/ip4/198.51.100.9/tcp/1')
    assert.deepEqual(told(), [OURS, '/ip4/198.51.100.9/tcp/8765'])
    assert.deepEqual([...addressManager.observed], [[OURS, true], ['/ip4/198.51.100.9/tcp/8765', false]])
  })

  it('tells of an address no more that was tried in vain', async () => {
    observe(3)
    assert.deepEqual(told(), [OURS])
    addressManager.observed.delete(OURS)
    await clock.advance(TOLD_MS)
    assert.deepEqual(told(), [])
  })

  it(`asks libp2p once in ${TOLD_MS} ms for what it tells peers of one kind, and for each kind by itself`, async () => {
    const asked = (): number => addressManager.asked
    told()
    const once = asked()
    told()
    external.addressesFor('/ip4/8.8.4.4/tcp/1')
    await clock.advance(TOLD_MS - 1)
    told()
    assert.equal(asked(), once)
    external.addressesFor('/ip4/192.168.7.7/tcp/1')
    assert.equal(asked(), 2 * once)
    await clock.advance(1)
    told()
    assert.equal(asked(), 3 * once)
  })

  it(`asks no more than once in ${TOLD_FACTOR} times as long as that takes`, async () => {
    const now = clock.now.bind(clock)
    const ask = addressManager.getAddressesWithMetadata.bind(addressManager)
    let busy = 0
    clock.now = () => now() + busy
    addressManager.getAddressesWithMetadata = () => { busy += 150; return ask() }
    told()
    const [once, took] = [addressManager.asked, busy]
    await clock.advance((TOLD_FACTOR - 1) * took - 1)
    told()
    assert.equal(addressManager.asked, once)
    await clock.advance(1)
    told()
    assert.equal(addressManager.asked, 2 * once)
  })

  it('tells of a host at once on which peers agree', () => {
    assert.deepEqual(told(), [])
    observe(3)
    assert.deepEqual(told(), [OURS])
  })

  it('tells of an address all the same that libp2p has no room for', () => {
    addressManager.isFull = true
    observe(3)
    assert.deepEqual([told(), addressManager.observed.size], [[OURS], 0])
  })

  it('listens no more when it is stopped, and forgets', () => {
    observe(3)
    external.stop()
    assert.deepEqual([told(), addressManager.observed.size, events.listenerCount('peer:identify')], [[], 0, 0])
    external.start()
    assert.deepEqual(told(), [])
    observe(3)
    assert.deepEqual(told(), [OURS])
  })
})

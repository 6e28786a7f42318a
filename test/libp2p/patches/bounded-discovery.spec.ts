import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { TypedEventEmitter } from 'main-event'
import { DialableAddresses } from '../../../src/address/dialable.ts'
import { boundDiscovery, DISCOVERY_WINDOW_MS, MAX_DISCOVERED_ADDRESSES, MAX_DISCOVERIES } from '../../../src/libp2p/patches/bounded-discovery.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import type { PeerDiscoveryEvents, PeerId, PeerInfo } from '@libp2p/interface'

describe('libp2p/patches/bounded-discovery', () => {
  let ids: PeerId[]
  let clock: FakeClock
  let discovery: TypedEventEmitter<PeerDiscoveryEvents>
  let told: [id: string, ...addresses: string[]][]

  before(async () => {
    ids = await Promise.all(Array.from({ length: MAX_DISCOVERIES + 1 }, async () => peerIdFromPrivateKey(await generateKeyPair('Ed25519'))))
  })

  beforeEach(() => {
    clock = new FakeClock()
    told = []
    discovery = boundDiscovery(new TypedEventEmitter<PeerDiscoveryEvents>(), new DialableAddresses(() => []), clock)
    discovery.addEventListener('peer', ({ detail: { id, multiaddrs } }) => { told.push([id.toString(), ...multiaddrs.map(String)]) })
  })

  function discover (id: PeerId, ...addresses: string[]): void {
    const detail: PeerInfo = { id, multiaddrs: addresses.map((address) => multiaddr(address)) }
    discovery.dispatchEvent(new CustomEvent('peer', { detail }))
  }

  it('passes on who was found, with the addresses that may be dialled', () => {
    discover(ids[0]!, '/ip4/1.2.3.4/tcp/1', '/ip4/10.0.0.1/tcp/1', '/dnsaddr/evil.example', '/ip4/1.2.3.4/tcp/1')

    assert.deepEqual(told, [[ids[0]!.toString(), '/ip4/1.2.3.4/tcp/1']])
  })

  it('passes no peer on without such an address', () => {
    discover(ids[0]!, '/ip4/10.0.0.1/tcp/1')
    discover(ids[0]!)

    assert.deepEqual(told, [])
  })

  it(`passes ${MAX_DISCOVERED_ADDRESSES} addresses on and no more`, () => {
    const addresses = Array.from({ length: MAX_DISCOVERED_ADDRESSES + 1 }, (_, i) => `/ip4/1.2.3.4/tcp/${i + 1}`)
    discover(ids[0]!, ...addresses)

    assert.deepEqual(told[0]?.slice(1), addresses.slice(0, -1))
  })

  it(`passes ${MAX_DISCOVERIES} peers on and no more, each once, and again after ${DISCOVERY_WINDOW_MS} ms`, async () => {
    ids.forEach((id) => { discover(id, '/ip4/1.2.3.4/tcp/1') })
    ids.forEach((id) => { discover(id, '/ip4/1.2.3.4/tcp/2') })
    assert.deepEqual(told.map(([id]) => id), ids.slice(0, -1).map(String))
    await clock.advance(DISCOVERY_WINDOW_MS - 1)
    discover(ids.at(-1)!, '/ip4/1.2.3.4/tcp/1')
    assert.equal(told.length, MAX_DISCOVERIES)
    await clock.advance(1)
    discover(ids.at(-1)!, '/ip4/1.2.3.4/tcp/1')
    discover(ids[0]!, '/ip4/1.2.3.4/tcp/1')
    assert.equal(told.length, MAX_DISCOVERIES + 2)
  })

  it('leaves other events alone', () => {
    let count = 0
    discovery.addEventListener('other' as 'peer', () => { count++ })
    discovery.dispatchEvent(new CustomEvent('other'))

    assert.equal(count, 1)
  })
})

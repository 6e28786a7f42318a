import assert from 'node:assert/strict'
import { multiaddr } from '@multiformats/multiaddr'
import { mutateBytes } from '../mutate.ts'
import { claimedAddresses } from '../../../src/address/claimed.ts'
import { hostOf } from '../../../src/address/multiaddr.ts'
import { ipBlockOf, ipBytesOf } from '../../../src/address/ip-block.ts'
import { netgroupOf } from '../../../src/address/netgroup.ts'
import { scopeOf } from '../../../src/address/scope.ts'
import { sampleNodeInfo } from '../../support/sample.ts'
import type { Target } from '../target.ts'
import type { Peer } from '../../../src/types/peer.ts'

const ID = '12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5'
const RELAY = '12D3KooWLRPJPGF8hQVqvaVNHsqvDfUVVbXEfzhYZSoQmYSKnR7b'

/** Where a peer is seen. */
const PLACES = [
  '/ip4/8.8.8.8/tcp/8765', '/ip6/2a00:1450::1/tcp/8765', '/ip4/127.0.0.1/tcp/1', '/dns4/seed.example.org/tcp/1', `/ip4/8.8.8.8/tcp/1/p2p/${RELAY}/p2p-circuit`
]

const SEEDS = [
  ...PLACES, `/ip4/8.8.8.8/tcp/8765/p2p/${ID}`, `/ip4/8.8.8.8/tcp/1/ws/p2p/${ID}`, '/ip6/::ffff:8.8.8.8/tcp/1', '/ip6zone/eth0/ip6/fe80::1/tcp/1',
  '/ip4/8.8.8.8/udp/1/quic-v1', '/unix/%2ftmp%2fsocket', `/p2p/${RELAY}/p2p-circuit/p2p/${ID}`, '/ip4/10.0.0.0/ipcidr/8', '/memory/1', '/dnsaddr/example.org'
]

/** Whatever text is in an address: rules say what they make of it and do not throw. */
function checkRules (address: string): void {
  const parsed = multiaddr(address)
  const host = hostOf(parsed) ?? ''
  assert(['loopback', 'link', 'private', 'public'].includes(scopeOf(parsed)))
  const bytes = ipBytesOf(host)
  assert(bytes == null || bytes.byteLength === 4 || bytes.byteLength === 16, `an IP address of ${bytes?.byteLength} bytes`)
  assert(netgroupOf(host) == null || ipBlockOf(host) === 'public')
}

/** Some bytes make a text of which no address can be made. */
function isAddress (bytes: Uint8Array): boolean {
  try {
    multiaddr(multiaddr(bytes).toString())

    return true
  } catch {
    return false
  }
}

/** Addresses that a peer says it listens on: none of them leads anywhere but to where the peer is seen. */
export const addresses: Target = {
  name: 'addresses',
  share: 6,
  seeds: () => SEEDS.flatMap((address) => PLACES.map((_, location) => Uint8Array.from([location, ...multiaddr(address).bytes]))),
  mutate: mutateBytes,
  run: (input) => {
    const address = PLACES[(input[0] ?? 0) % PLACES.length]!
    const bytes = input.slice(1)
    const peer = { id: ID, address, info: sampleNodeInfo({ listenAddrs: [bytes, bytes.slice(0, -1), multiaddr(address).bytes] }) }
    const claimed = claimedAddresses(peer as Partial<Peer> as Peer)

    assert(claimed.length <= 3)
    assert(claimed.includes(multiaddr(address).toString()))

    for (const text of claimed) {
      assert.equal(hostOf(multiaddr(text)), hostOf(multiaddr(address)))
      checkRules(text)
    }

    if (isAddress(bytes)) {
      checkRules(multiaddr(bytes).toString())
    }
  }
}

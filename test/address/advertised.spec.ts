import assert from 'node:assert/strict'
import { multiaddr } from '@multiformats/multiaddr'
import { ADDRESS_RULES } from '../../src/address/scope.ts'
import { mappedAddresses, advertisedAddresses } from '../../src/address/advertised.ts'
import type { AddressType, NodeAddress } from '@libp2p/interface-internal'

const ID = '12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5'
const RELAY = '/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp/p2p-circuit'

const LOOPBACK_PEER = '/ip4/127.0.0.1/tcp/50000'
const LINK_PEER = '/ip4/169.254.7.7/tcp/50000'
const PRIVATE_PEER = '/ip4/192.168.1.7/tcp/50000'
const PUBLIC_PEER = '/ip4/8.8.8.8/tcp/50000'

function known (address: string, facts: Partial<NodeAddress> & { type?: AddressType } = {}): NodeAddress {
  return { multiaddr: multiaddr(address), verified: true, expires: 1, type: 'transport', ...facts }
}

/** A public address that no peer has tried to dial yet. */
const UNTRIED = { verified: false, expires: 0 }

/** What a peer is told, without the peer id, which is behind every address. */
function told (peer: string, addresses: NodeAddress[], { mapped = [] as string[], filter = (address: string): boolean => address !== '' } = {}): string[] {
  const verified = addresses.filter(({ verified }) => verified).map(({ multiaddr }) => multiaddr.toString())
  const addressManager = {
    getAddressesWithMetadata: () => addresses,
    getAddresses: () => [...new Set(verified)].filter(filter).map((address) => multiaddr(`${address}/p2p/${ID}`))
  }

  const own = { addressManager, peerId: ID, mapped: mapped.map((address) => multiaddr(address)) }

  return advertisedAddresses(own, multiaddr(peer), ADDRESS_RULES)
    .map((address) => {
      assert.ok(address.toString().endsWith(`/p2p/${ID}`), address.toString())

      return address.toString().slice(0, -`/p2p/${ID}`.length)
    })
}

describe('address/advertised', () => {
  describe('advertisedAddresses', () => {
    const ALL = [
      known('/ip4/127.0.0.1/tcp/1'), known('/ip4/169.254.1.1/tcp/1'), known('/ip4/172.17.0.1/tcp/1'), known('/ip4/192.168.1.1/tcp/1'),
      known('/ip4/9.9.9.9/tcp/1', UNTRIED)
    ]

    it('tells a peer on the internet of public addresses alone', () => {
      assert.deepEqual(told(PUBLIC_PEER, ALL), ['/ip4/9.9.9.9/tcp/1'])
      assert.deepEqual(told('/ip6/2a00:1450::1/tcp/1', ALL), ['/ip4/9.9.9.9/tcp/1'])
      assert.deepEqual(told('/dns4/seed.example.org/tcp/1', ALL), ['/ip4/9.9.9.9/tcp/1'])
      assert.deepEqual(told(PUBLIC_PEER, ALL.slice(0, 4)), [])
    })

    it('tells a peer in a local network of that first, and not of loopback', () => {
      assert.deepEqual(told(PRIVATE_PEER, ALL), ['/ip4/192.168.1.1/tcp/1', '/ip4/9.9.9.9/tcp/1', '/ip4/172.17.0.1/tcp/1'])
      assert.deepEqual(told('/ip4/172.17.0.2/tcp/1', ALL), ['/ip4/172.17.0.1/tcp/1', '/ip4/9.9.9.9/tcp/1', '/ip4/192.168.1.1/tcp/1'])
      assert.deepEqual(told('/dns4/node1/tcp/1', ALL), ['/ip4/9.9.9.9/tcp/1', '/ip4/172.17.0.1/tcp/1', '/ip4/192.168.1.1/tcp/1'])
    })

    it('tells a peer on the link of addresses there', () => {
      assert.deepEqual(told(LINK_PEER, ALL), ['/ip4/169.254.1.1/tcp/1', '/ip4/9.9.9.9/tcp/1', '/ip4/172.17.0.1/tcp/1', '/ip4/192.168.1.1/tcp/1'])
    })

    it('tells a peer on this machine of every address', () => {
      assert.deepEqual(told(LOOPBACK_PEER, ALL), [
        '/ip4/127.0.0.1/tcp/1', '/ip4/9.9.9.9/tcp/1', '/ip4/172.17.0.1/tcp/1', '/ip4/192.168.1.1/tcp/1', '/ip4/169.254.1.1/tcp/1'
      ])
    })

    it('tells a peer behind a relay what it tells the internet, also where the relay is next door', () => {
      assert.deepEqual(told(`/ip4/127.0.0.1/tcp/1${RELAY}`, ALL), ['/ip4/9.9.9.9/tcp/1'])
    })

    it('tells of addresses at a host that peers agree on, and of those through relays last', () => {
      const addresses = [known(`/ip4/9.9.9.9/tcp/1${RELAY}`), known(`/ip4/192.168.1.9/tcp/1${RELAY}`), known('/ip4/192.168.1.1/tcp/1')]
      const mapped = ['/ip4/203.0.113.7/tcp/1']
      assert.deepEqual(told(PUBLIC_PEER, addresses, { mapped }), [...mapped, `/ip4/9.9.9.9/tcp/1${RELAY}`])
      assert.deepEqual(told(PRIVATE_PEER, addresses, { mapped }), [
        '/ip4/192.168.1.1/tcp/1', ...mapped, `/ip4/9.9.9.9/tcp/1${RELAY}`, `/ip4/192.168.1.9/tcp/1${RELAY}`
      ])
    })

    it('tells every peer the addresses of `announce`, first and in their order', () => {
      const announced = ['/dns4/a.example.org/tcp/443/tls/ws', '/ip4/10.0.0.5/tcp/1', '/dnsaddr/example.org', '/ip4/127.0.0.1/tcp/8765/ws']
      const addresses = announced.map((address) => known(address, { type: 'announce' }))

      for (const peer of [PUBLIC_PEER, PRIVATE_PEER, LINK_PEER, LOOPBACK_PEER, `/ip4/8.8.8.8/tcp/1${RELAY}`]) {
        assert.deepEqual(told(peer, addresses), announced)
        assert.deepEqual(told(peer, [known('/ip4/192.168.1.1/tcp/1'), ...addresses]).slice(0, 4), announced)
      }
    })

    it('tells of an address that a gateway has mapped, and of none that a peer has dialled in vain', () => {
      assert.deepEqual(told(PUBLIC_PEER, [
        known('/ip4/9.9.9.9/tcp/2', { ...UNTRIED, type: 'ip-mapping' }),
        known('/ip4/9.9.9.9/tcp/3', { verified: true, type: 'ip-mapping' }),
        known('/ip4/9.9.9.9/tcp/4', { verified: false, expires: 5, type: 'ip-mapping' }),
        known('/ip4/9.9.9.9/tcp/5', { verified: false, expires: 5 }),
        known('/ip4/9.9.9.9/tcp/6', { ...UNTRIED, type: 'observed' }),
        known('/ip4/9.9.9.9/tcp/7/tls/sni/a.example.org/ws', { ...UNTRIED, type: 'dns-mapping' })
      ]), ['/ip4/9.9.9.9/tcp/3', '/ip4/9.9.9.9/tcp/2'])
    })

    it('adds nothing where the application filters what libp2p announces', () => {
      const mapped = ['/ip4/203.0.113.7/tcp/1']
      assert.deepEqual(told(LOOPBACK_PEER, ALL, { mapped, filter: () => false }), [])
      assert.deepEqual(told(LOOPBACK_PEER, ALL, { mapped, filter: (address) => !address.includes('172.17') }), [
        '/ip4/127.0.0.1/tcp/1', '/ip4/192.168.1.1/tcp/1', '/ip4/169.254.1.1/tcp/1'
      ])
    })

    it('tells each address once', () => {
      assert.deepEqual(told(PUBLIC_PEER, [known('/ip4/9.9.9.9/tcp/1'), known('/ip4/9.9.9.9/tcp/1', UNTRIED)], { mapped: ['/ip4/9.9.9.9/tcp/1'] }), [
        '/ip4/9.9.9.9/tcp/1'
      ])
    })
  })

  describe('mappedAddresses', () => {
    const LISTENING = [
      known('/ip4/127.0.0.1/tcp/8765'), known('/ip4/192.168.1.1/tcp/8765'), known('/ip4/172.17.0.1/tcp/8765'), known('/ip4/192.168.1.1/tcp/8766/ws'),
      known('/ip6/fd00::1/tcp/8767'), known(`/ip4/192.168.1.9/tcp/1${RELAY}`)
    ]

    function mapped (addresses: NodeAddress[], ...hosts: string[]): string[] {
      return mappedAddresses(addresses, hosts, ADDRESS_RULES).map(String)
    }

    it('has the ports on which the node listens in the local network, each once', () => {
      assert.deepEqual(mapped(LISTENING, '203.0.113.7'), ['/ip4/203.0.113.7/tcp/8765', '/ip4/203.0.113.7/tcp/8766/ws'])
      assert.deepEqual(mapped(LISTENING, '203.0.113.7', '2a00:1450::7'), [
        '/ip4/203.0.113.7/tcp/8765', '/ip4/203.0.113.7/tcp/8766/ws', '/ip6/2a00:1450::7/tcp/8767'
      ])
    })

    it('has none without a host, or where the node listens on loopback and public addresses alone', () => {
      assert.deepEqual(mapped(LISTENING), [])
      assert.deepEqual(mapped([known('/ip4/127.0.0.1/tcp/1'), known('/ip4/9.9.9.9/tcp/1', UNTRIED), known('/ip6/fd00::1/tcp/1')], '203.0.113.7'), [])
      assert.deepEqual(mapped([known('/ip4/192.168.1.1/tcp/1', { type: 'announce' })], '203.0.113.7'), [])
    })

    it('leaves out a host of which libp2p knows the port', () => {
      for (const facts of [{ type: 'ip-mapping' as const, ...UNTRIED }, UNTRIED, { type: 'observed' as const }]) {
        assert.deepEqual(mapped([...LISTENING, known('/ip4/203.0.113.7/tcp/40000', facts)], '203.0.113.7'), [])
      }

      const others = [known('/ip4/203.0.113.7/tcp/40000', { type: 'observed', ...UNTRIED }), known(`/ip4/203.0.113.7/tcp/40000${RELAY}`)]
      assert.equal(mapped([...LISTENING, ...others], '203.0.113.7').length, 2)
    })
  })
})

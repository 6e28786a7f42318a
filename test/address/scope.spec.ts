import assert from 'node:assert/strict'
import { multiaddr } from '@multiformats/multiaddr'
import { scopeOf } from '../../src/address/scope.ts'

const RELAY = '/p2p/12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5'

describe('address/scope', () => {
  const SCOPES = {
    loopback: [
      '/ip4/127.0.0.1/tcp/1', '/ip4/127.255.255.254/tcp/1', '/ip6/::1/tcp/1', '/ip6/::ffff:127.0.0.1/tcp/1', '/dns4/localhost/tcp/1',
      '/dns/a.localhost/tcp/1', '/unix/%2ftmp%2fsocket', '/memory/1'
    ],
    link: ['/ip4/169.254.0.1/tcp/1', '/ip6/fe80::1/tcp/1', '/ip6/febf::1/tcp/1', '/ip6zone/eth0/ip6/fe80::1/tcp/1', '/ip6/::ffff:169.254.0.1/tcp/1'],
    private: [
      '/ip4/10.0.0.1/tcp/1', '/ip4/172.31.255.1/tcp/1', '/ip4/192.168.0.1/udp/1', '/ip4/100.64.0.1/tcp/1', '/ip6/fc00::1/tcp/1', '/ip6/fdff::1/tcp/1',
      '/ip6/::ffff:10.0.0.1/tcp/1', '/dns4/node1/tcp/1', '/dns/seed.local/tcp/1', '/dns4/seed.internal/tcp/1', `/ip4/10.0.0.1/tcp/1${RELAY}/p2p-circuit`,
      // what no machine has
      '/ip4/0.0.0.0/tcp/1', '/ip4/224.0.0.1/tcp/1', '/ip6/::/tcp/1', '/ip6/ff02::1/tcp/1'
    ],
    public: [
      '/ip4/8.8.8.8/tcp/1', '/ip4/126.255.255.255/tcp/1', '/ip4/128.0.0.1/tcp/1/ws', '/ip4/169.253.0.1/tcp/1', '/ip4/172.32.0.1/tcp/1', '/ip4/100.128.0.1/tcp/1',
      '/ip6/2a00:1450::1/tcp/1', '/ip6/fec0::1/tcp/1', '/ip6/::ffff:8.8.8.8/tcp/1', '/dns4/seed.example.org/tcp/1', '/dnsaddr/example.org', RELAY,
      `/ip4/8.8.8.8/tcp/1${RELAY}/p2p-circuit`
    ]
  }

  for (const [scope, addresses] of Object.entries(SCOPES)) {
    it(`takes for ${scope} what makes sense there`, () => {
      assert.deepEqual(addresses.filter((address) => scopeOf(multiaddr(address)) !== scope), [])
    })
  }
})

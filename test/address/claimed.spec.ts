import assert from 'node:assert/strict'
import { multiaddr } from '@multiformats/multiaddr'
import { claimedAddresses } from '../../src/address/claimed.ts'
import { sampleNodeInfo } from '../support/sample.ts'
import type { Peer } from '../../src/types/peer.ts'

const ID = '12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5'
const OTHER_ID = '12D3KooWRm8J3iL796zPFi2EtGGtUJn58AG67gcRzQ4FENEemvpg'
const RELAY_ID = '12D3KooWMfX4VNYpfm4FWw4yLZ8g4u5inAT5qNEjjQuoEE66LdcX'

function claimsOf (address: string, ...listenAddrs: (string | Uint8Array)[]): string[] {
  const info = sampleNodeInfo({ listenAddrs: listenAddrs.map((given) => typeof given === 'string' ? multiaddr(given).bytes : given) })

  return claimedAddresses({ id: ID, address, info } as Peer)
}

describe('address/claimed', () => {
  it('believes a peer that it listens where the node sees it, on any port', () => {
    assert.deepEqual(claimsOf('/ip4/10.0.0.1/tcp/50000', '/ip4/10.0.0.1/tcp/8765', '/ip4/10.0.0.1/tcp/1/ws'), [
      '/ip4/10.0.0.1/tcp/8765', '/ip4/10.0.0.1/tcp/1/ws'
    ])
    assert.deepEqual(claimsOf('/ip6/2001:db8::1/tcp/50000', '/ip6/2001:db8:0::1/tcp/8765'), ['/ip6/2001:db8::1/tcp/8765'])
  })

  it('believes no address of a third party', () => {
    assert.deepEqual(claimsOf(
      '/ip4/10.0.0.1/tcp/50000', '/ip4/10.0.0.2/tcp/8765', '/ip4/0.0.0.0/tcp/8765', '/ip4/127.0.0.1/tcp/22', '/dns4/victim.example/tcp/443',
      '/ip6/::1/tcp/8765', '/ip4/10.0.0.1/tcp/8765'
    ), ['/ip4/10.0.0.1/tcp/8765'])
  })

  it('believes a peer that it is reachable through the relay that it comes through', () => {
    const relay = `/ip4/10.0.0.9/tcp/8765/p2p/${RELAY_ID}/p2p-circuit`

    assert.deepEqual(claimsOf(`${relay}/p2p/${ID}`, relay, `${relay}/p2p/${ID}`, `/ip4/10.0.0.9/tcp/1/p2p/${RELAY_ID}/p2p-circuit`), [
      relay, `${relay}/p2p/${ID}`, `/ip4/10.0.0.9/tcp/1/p2p/${RELAY_ID}/p2p-circuit`
    ])
  })

  it('believes no address of another service of the relay, of another relay, or of another peer behind it', () => {
    const relay = `/ip4/10.0.0.9/tcp/8765/p2p/${RELAY_ID}/p2p-circuit`

    assert.deepEqual(claimsOf(
      `${relay}/p2p/${ID}`, '/ip4/10.0.0.9/tcp/22', `/ip4/10.0.0.9/tcp/8765/p2p/${ID}`, `/ip4/10.0.0.9/tcp/8765/p2p/${OTHER_ID}/p2p-circuit`,
      `/ip4/10.0.0.8/tcp/8765/p2p/${RELAY_ID}/p2p-circuit`, `${relay}/p2p/${OTHER_ID}`, '/ip4/192.168.1.1/tcp/8765'
    ), [])
  })

  it('believes a peer that it sees directly no relay, and no other peer', () => {
    assert.deepEqual(claimsOf(
      '/ip4/10.0.0.1/tcp/50000', `/ip4/10.0.0.1/tcp/8765/p2p/${RELAY_ID}/p2p-circuit/p2p/${ID}`, `/ip4/10.0.0.1/tcp/8765/p2p/${OTHER_ID}`,
      `/ip4/10.0.0.1/tcp/8765/p2p/${ID}`
    ), [`/ip4/10.0.0.1/tcp/8765/p2p/${ID}`])
  })

  for (const hex of ['04080808082b', `0408080808060000a50326${'00'.repeat(38)}3563`, `0408080808a50324${'00'.repeat(36)}3567002f746d70`]) {
    it(`leaves out ${hex.slice(0, 22)}..., whose text is no address or another one`, () => {
      assert.deepEqual(claimsOf('/ip4/8.8.8.8/tcp/50000', Uint8Array.from(Buffer.from(hex, 'hex')), '/ip4/8.8.8.8/tcp/1'), ['/ip4/8.8.8.8/tcp/1'])
    })
  }

  it('leaves out bytes that are no multiaddr', () => {
    assert.deepEqual(claimsOf('/ip4/10.0.0.1/tcp/50000', new Uint8Array(), Uint8Array.of(255, 255), Uint8Array.of(4, 10), '/ip4/10.0.0.1/tcp/1'), [
      '/ip4/10.0.0.1/tcp/1'
    ])
  })

  it('believes no address of a peer without a host', () => {
    assert.deepEqual(claimsOf('/memory/1', '/memory/1', '/ip4/10.0.0.1/tcp/1'), [])
  })

  it('has none for a peer that claims none', () => {
    assert.deepEqual(claimsOf('/ip4/10.0.0.1/tcp/1'), [])
    assert.deepEqual(claimedAddresses({ address: '/ip4/10.0.0.1/tcp/1', info: undefined } as Peer), [])
  })
})

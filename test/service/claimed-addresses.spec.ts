import assert from 'node:assert/strict'
import { multiaddr } from '@multiformats/multiaddr'
import { claimedAddresses } from '../../src/service/claimed-addresses.ts'
import { sampleNodeInfo } from '../sample.ts'
import type { Peer } from '../../src/types/peer.ts'

function claimsOf (address: string, ...listenAddrs: (string | Uint8Array)[]): string[] {
  const info = sampleNodeInfo({ listenAddrs: listenAddrs.map((given) => typeof given === 'string' ? multiaddr(given).bytes : given) })

  return claimedAddresses({ address, info } as Peer)
}

describe('service/claimed-addresses', () => {
  it('believes a peer that it listens where we see it, on whatever port', () => {
    assert.deepEqual(claimsOf('/ip4/10.0.0.1/tcp/50000', '/ip4/10.0.0.1/tcp/8765', '/ip4/10.0.0.1/tcp/1/ws'), [
      '/ip4/10.0.0.1/tcp/8765', '/ip4/10.0.0.1/tcp/1/ws'
    ])
    assert.deepEqual(claimsOf('/ip6/2001:db8::1/tcp/50000', '/ip6/2001:db8:0::1/tcp/8765'), ['/ip6/2001:db8::1/tcp/8765'])
  })

  it('is not sent to a third party', () => {
    assert.deepEqual(claimsOf(
      '/ip4/10.0.0.1/tcp/50000', '/ip4/10.0.0.2/tcp/8765', '/ip4/0.0.0.0/tcp/8765', '/ip4/127.0.0.1/tcp/22', '/dns4/victim.example/tcp/443',
      '/ip6/::1/tcp/8765', '/ip4/10.0.0.1/tcp/8765'
    ), ['/ip4/10.0.0.1/tcp/8765'])
  })

  it('passes over what is no multiaddr', () => {
    assert.deepEqual(claimsOf('/ip4/10.0.0.1/tcp/50000', new Uint8Array(), Uint8Array.of(255, 255), Uint8Array.of(4, 10), '/ip4/10.0.0.1/tcp/1'), [
      '/ip4/10.0.0.1/tcp/1'
    ])
  })

  it('believes nothing where a peer is seen at no host', () => {
    assert.deepEqual(claimsOf('/memory/1', '/memory/1', '/ip4/10.0.0.1/tcp/1'), [])
  })

  it('takes a peer that has said nothing', () => {
    assert.deepEqual(claimsOf('/ip4/10.0.0.1/tcp/1'), [])
    assert.deepEqual(claimedAddresses({ address: '/ip4/10.0.0.1/tcp/1', info: undefined } as Peer), [])
  })
})

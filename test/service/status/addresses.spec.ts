import assert from 'node:assert/strict'
import { multiaddr } from '@multiformats/multiaddr'
import { ADDRESS_RULES } from '../../../src/address/scope.ts'
import { addressStatus } from '../../../src/service/status/addresses.ts'
import type { AddressStatus } from '../../../src/types/status.ts'
import type { NodeAddress } from '@libp2p/interface-internal'
import type { Multiaddr } from '@multiformats/multiaddr'

function of (address: string, facts: Omit<NodeAddress, 'multiaddr' | 'expires'>): Omit<AddressStatus, 'address'> {
  const { address: text, ...status } = addressStatus({ multiaddr: multiaddr(address), expires: 0, ...facts }, ADDRESS_RULES)
  assert.equal(text, address)

  return status
}

describe('service/status/addresses', () => {
  it('calls an address tested that a peer was asked to dial, and has reached', () => {
    assert.deepEqual(of('/ip4/8.8.8.8/tcp/1', { type: 'transport', verified: true, lastVerified: 5 }), {
      source: 'listen', scope: 'public', isTested: true, tests: null, toldTo: 'all'
    })
    assert.deepEqual(of('/ip4/8.8.8.8/tcp/1', { type: 'observed', verified: false }), {
      source: 'observed', scope: 'public', isTested: false, tests: null, toldTo: 'all'
    })
  })

  it('calls no address tested that cannot be, or that the operator names', () => {
    assert.deepEqual(of('/ip4/127.0.0.1/tcp/1', { type: 'transport', verified: true }), {
      source: 'listen', scope: 'loopback', isTested: false, tests: null, toldTo: 'machine'
    })
    assert.deepEqual(of('/ip4/10.0.0.1/tcp/1', { type: 'dns-mapping', verified: true, lastVerified: 5 }), {
      source: 'dns-mapping', scope: 'private', isTested: false, tests: null, toldTo: 'network'
    })
    assert.deepEqual(of('/dns4/seed.example.org/tcp/1', { type: 'announce', verified: true, lastVerified: 5 }), {
      source: 'announce', scope: 'public', isTested: false, tests: null, toldTo: 'all'
    })
    assert.deepEqual(of('/ip4/8.8.8.8/tcp/1', { type: 'ip-mapping', verified: true }), {
      source: 'ip-mapping', scope: 'public', isTested: false, tests: null, toldTo: 'all'
    })
  })

  for (const address of ['/ip4/192.0.2.2/tcp/1', '/ip6/2002:808:808::1/tcp/1']) {
    it(`does not call ${address} tested, which libp2p verifies by itself`, () => {
      const { scope, isTested } = of(address, { type: 'transport', verified: true, lastVerified: 5 })
      assert.deepEqual([scope, isTested], ['public', false])
    })
  }

  it('says what came of asking peers, and that no peer is told of what the node does not tell', () => {
    const facts = {
      ...ADDRESS_RULES,
      isTold: (address: Multiaddr) => address.toString().includes('8.8.4.4'),
      testsOf: (text: string) => text.includes('8.8.8.8') ? { reached: 1, missed: 2 } : undefined
    }
    const at = (address: string, type: NodeAddress['type']): AddressStatus => {
      return addressStatus({ multiaddr: multiaddr(address), expires: 0, type, verified: false }, facts)
    }

    assert.deepEqual(at('/ip4/8.8.8.8/tcp/1', 'transport'), {
      address: '/ip4/8.8.8.8/tcp/1', source: 'listen', scope: 'public', isTested: false, tests: { reached: 1, missed: 2 }, toldTo: 'none'
    })
    assert.equal(at('/ip4/8.8.4.4/tcp/1', 'announce').toldTo, 'all')
    assert.equal(at('/ip4/8.8.4.4/tcp/1', 'announce').tests, null)
    assert.equal(at('/ip4/10.0.0.1/tcp/1', 'transport').toldTo, 'none')
  })
})

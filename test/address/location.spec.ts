import assert from 'node:assert/strict'
import { multiaddr } from '@multiformats/multiaddr'
import { locationOf, locationOfIp } from '../../src/address/location.ts'

const RELAY = '/ip4/8.8.4.4/tcp/8765/p2p/12D3KooWBtp1AcgQSn5xUCVtm4ZNAcuhThYXQgqTWaWx8cxAMfHy/p2p-circuit'

describe('address/location: locationOfIp', () => {
  const rows: [ip: string, host: string | undefined, netgroup: string | undefined][] = [
    ['8.8.4.4', '8.8.4.4', '0808'],
    ['10.1.2.3', '10.1.2.3', undefined],
    ['127.0.0.1', undefined, undefined],
    ['::1', undefined, undefined],
    ['2a00:1:2:3:4:5:6:7', '2a00:1:2:3::/64', '2a000001'],
    ['2a00:1:2:3:ffff::', '2a00:1:2:3::/64', '2a000001'],
    ['2a00:1:2:4::', '2a00:1:2:4::/64', '2a000001'],
    ['fd00::1', 'fd00::/64', undefined],
    ['::ffff:8.8.4.4', '8.8.4.4', '0808'],
    ['64:ff9b::808:404', '8.8.4.4', '0808'],
    ['::ffff:127.0.0.1', undefined, undefined],
    ['example.org', undefined, undefined]
  ]

  for (const [ip, host, netgroup] of rows) {
    it(`gives ${ip} the host ${host ?? 'of none'} and ${netgroup == null ? 'no netgroup' : `the netgroup ${netgroup}`}`, () => {
      assert.deepEqual(locationOfIp(ip), { host, netgroup })
    })
  }
})

describe('address/location: locationOf', () => {
  it('is the location of the IP address that a connection comes from', () => {
    assert.deepEqual(locationOf(multiaddr('/ip4/8.8.4.4/tcp/8765'), locationOfIp), { host: '8.8.4.4', netgroup: '0808' })
  })

  it('is unknown for a peer behind a relay, which is not where the relay is', () => {
    assert.deepEqual(locationOf(multiaddr(RELAY), locationOfIp), { host: undefined, netgroup: undefined })
  })

  it('is unknown for an address without a host', () => {
    assert.deepEqual(locationOf(multiaddr('/memory/1'), locationOfIp), { host: undefined, netgroup: undefined })
  })
})

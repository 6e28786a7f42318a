import assert from 'node:assert/strict'
import { multiaddr } from '@multiformats/multiaddr'
import { locationOf, locationOfIp, locationOfIpBeside } from '../../src/address/location.ts'
import { isRelayedAddress, relayOf } from '../../src/address/multiaddr.ts'

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

describe('address/location: locationOfIpBeside', () => {
  let interfaces = ['/ip4/8.8.4.4', '/ip6/2a00:1:2:3::5', '/ip4/10.0.0.1']
  let now = 0
  const locate = locationOfIpBeside(() => interfaces, () => now)

  it('takes a public address of this machine for a private one, and no other address', () => {
    const rows: [ip: string, host: string, netgroup: string | undefined][] = [
      ['8.8.4.4', '8.8.4.4', undefined],
      ['::ffff:8.8.4.4', '8.8.4.4', undefined],
      ['8.8.4.5', '8.8.4.5', '0808'],
      ['2a00:1:2:3:0:0:0:5', '2a00:1:2:3::5', undefined],
      ['2a00:1:2:3::6', '2a00:1:2:3::/64', '2a000001'],
      ['10.0.0.1', '10.0.0.1', undefined]
    ]

    for (const [ip, host, netgroup] of rows) {
      assert.deepEqual(locate(ip), { host, netgroup })
    }
  })

  it('notices within 10 s that the addresses have changed', () => {
    interfaces = ['/ip4/9.9.9.9']
    now = 9_999
    assert.equal(locate('9.9.9.9').netgroup, '0909')
    now = 10_000
    assert.equal(locate('9.9.9.9').netgroup, undefined)
    assert.equal(locate('8.8.4.4').netgroup, '0808')
  })
})

describe('address/location: locationOf', () => {
  it('is that of the host where only a name looks as if it led through a relay', () => {
    const address = multiaddr('/ip4/8.8.4.4/tcp/443/tls/sni/p2p-circuit/ws')
    assert.deepEqual(locationOf(address, locationOfIp), { host: '8.8.4.4', netgroup: '0808' })
    assert.deepEqual([isRelayedAddress(address), isRelayedAddress(address.toString()), relayOf(address)], [false, false, undefined])
    assert.equal(isRelayedAddress(RELAY), true)
    assert.equal(relayOf(multiaddr(RELAY))?.toString(), RELAY.split('/p2p-circuit')[0])
  })

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

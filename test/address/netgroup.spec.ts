import assert from 'node:assert/strict'
import { netgroupOf } from '../../src/address/netgroup.ts'

describe('address/netgroup', () => {
  it('is the same within a /16 of IPv4 and a /32 of IPv6, and another outside', () => {
    assert.equal(netgroupOf('8.8.0.0'), netgroupOf('8.8.255.255'))
    assert.notEqual(netgroupOf('8.8.255.255'), netgroupOf('8.9.0.0'))
    assert.notEqual(netgroupOf('8.8.8.8'), netgroupOf('9.8.8.8'))
    assert.equal(netgroupOf('2a00:1450::'), netgroupOf('2a00:1450:ffff:ffff:ffff:ffff:ffff:ffff'))
    assert.notEqual(netgroupOf('2a00:1450:ffff::'), netgroupOf('2a00:1451::'))
  })

  it('gives an IPv6 address that contains an IPv4 one the netgroup of that one', () => {
    assert.equal(netgroupOf('::ffff:8.8.1.1'), netgroupOf('8.8.8.8'))
    assert.equal(netgroupOf('64:ff9b::808:101'), netgroupOf('8.8.8.8'))
  })

  it('gives none to an address that is not public, and to what is no IP address', () => {
    const none = ['127.0.0.1', '10.0.0.1', '192.168.1.1', '169.254.1.1', '100.64.0.1', '0.0.0.0', '224.0.0.1', '::1', '::', 'fe80::1', 'fd00::1', '::ffff:10.0.0.1', '', 'node', '1.2.3', '1::2::3']
    assert.deepEqual(none.filter((ip) => netgroupOf(ip) != null), [])
  })
})

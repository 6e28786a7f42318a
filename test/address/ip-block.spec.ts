import assert from 'node:assert/strict'
import { ipBlockOf } from '../../src/address/ip-block.ts'

describe('address/ip-block', () => {
  const blocks: [block: string | undefined, ...ips: string[]][] = [
    ['public', '1.1.1.1', '9.255.255.255', '11.0.0.0', '126.255.255.255', '128.0.0.0', '223.255.255.255'],
    ['public', '100.63.255.255', '100.128.0.0', '172.15.255.255', '172.32.0.0', '192.167.255.255', '192.169.0.0', '169.253.0.1', '198.17.0.1', '198.20.0.0'],
    ['loopback', '127.0.0.1', '127.255.255.255'],
    ['10.0.0.0/8', '10.0.0.0', '10.255.255.255'],
    ['100.64.0.0/10', '100.64.0.0', '100.127.255.255'],
    ['169.254.0.0/16', '169.254.0.0', '169.254.255.255'],
    ['172.16.0.0/12', '172.16.0.0', '172.31.255.255'],
    ['192.168.0.0/16', '192.168.0.0', '192.168.255.255'],
    ['198.18.0.0/15', '198.18.0.0', '198.19.255.255'],
    [undefined, '0.0.0.0', '0.255.255.255', '224.0.0.0', '239.255.255.255', '240.0.0.0', '255.255.255.255'],
    ['public', '2001:db8::1', '::1:0:0:0', 'fbff::1', 'fe00::1', 'fec0::1', '2606:4700::1111'],
    ['loopback', '::1'],
    ['fc00::/7', 'fc00::', 'fdff:ffff::1'],
    ['fe80::/10', 'fe80::1', 'febf:ffff::1'],
    [undefined, '::', '::2', '::7f00:1', 'ff00::', 'ff02::1', 'ffff::1']
  ]

  for (const [block, ...ips] of blocks) {
    it(`finds ${ips.join(', ')} in ${block ?? 'no block of machines'}`, () => {
      assert.deepEqual(ips.map((ip) => [ip, ipBlockOf(ip)]), ips.map((ip) => [ip, block]))
    })
  }

  it('looks into IPv6 addresses that hold an IPv4 one', () => {
    const ips = ['::ffff:127.0.0.1', '::ffff:10.1.2.3', '::ffff:1.1.1.1', '::ffff:0.0.0.0', '::ffff:e000:1', '64:ff9b::7f00:1', '64:ff9b::c0a8:1']

    assert.deepEqual(ips.map(ipBlockOf), ['loopback', '10.0.0.0/8', 'public', undefined, undefined, 'loopback', '192.168.0.0/16'])
  })

  it('finds nothing for what is no IP address', () => {
    assert.deepEqual(['', 'localhost', '1.2.3', '1.2.3.4.5', '256.1.1.1', ':', '1.2.3.4/tcp/5', '::g'].map(ipBlockOf), Array(8).fill(undefined))
  })
})

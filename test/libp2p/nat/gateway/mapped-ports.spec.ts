import assert from 'node:assert/strict'
import { multiaddr } from '@multiformats/multiaddr'
import { innerPortOf, MappedPorts } from '../../../../src/libp2p/nat/gateway/mapped-ports.ts'
import type { MappedAddresses } from '../../../../src/libp2p/nat/gateway/mapped-ports.ts'
import type { NodeAddress } from '@libp2p/interface-internal'

function addressOf (address: string, type: NodeAddress['type'] = 'transport'): NodeAddress {
  return { multiaddr: multiaddr(address), verified: true, type, expires: 0 }
}

const PORT = { address: '192.168.1.2', protocol: 'tcp', port: 8765 } as const

describe('libp2p/nat/gateway/mapped-ports', () => {
  let calls: unknown[][]
  let ports: MappedPorts
  let upnp: MappedAddresses & { getListenAddrs: () => string }

  beforeEach(() => {
    calls = []
    ports = new MappedPorts()
    // a class, as libp2p has it: its methods need it
    upnp = ports.forUpnp(new class {
      readonly #known = [addressOf('/ip4/192.168.1.2/tcp/8765'), addressOf('/ip4/192.168.1.2/udp/8765/quic-v1'), addressOf('/ip6/fd00::2/tcp/8765')]
      getAddressesWithMetadata (): NodeAddress[] { return this.#known }
      getListenAddrs (): string { return String(this.#known.length) }
      addPublicAddressMapping (...args: unknown[]): void { calls.push(args) }
      removePublicAddressMapping (...args: unknown[]): void { calls.push(args) }
      confirmObservedAddr (...args: unknown[]): void { calls.push(args) }
    }())
  })

  function seen (): string[] {
    return upnp.getAddressesWithMetadata().map(({ multiaddr }) => multiaddr.toString())
  }

  it('hides from UPnP what is mapped in another protocol, until it is no more', () => {
    ports.add(PORT, { by: 'PCP', externalAddress: '203.0.113.7' })
    assert.deepEqual(seen(), ['/ip4/192.168.1.2/udp/8765/quic-v1', '/ip6/fd00::2/tcp/8765'])
    ports.delete(PORT)
    assert.equal(seen().length, 3)
  })

  it('takes note of what UPnP maps, which it goes on seeing, and hands it on', () => {
    upnp.addPublicAddressMapping('192.168.1.2', 8765, '203.0.113.7', 9000, 'tcp')
    assert.deepEqual([ports.mappedBy(PORT), ports.first, seen().length], ['UPnP', { by: 'UPnP', externalAddress: '203.0.113.7' }, 3])
    upnp.removePublicAddressMapping('192.168.1.2', 8765, '203.0.113.7', 9000)
    assert.deepEqual([ports.mappedBy(PORT), ports.first], [undefined, undefined])
    const address = multiaddr('/ip4/203.0.113.7/tcp/9000')
    upnp.confirmObservedAddr(address)
    assert.deepEqual(calls, [['192.168.1.2', 8765, '203.0.113.7', 9000, 'tcp'], ['192.168.1.2', 8765, '203.0.113.7', 9000], [address]])
    assert.equal(upnp.getListenAddrs(), '3')
  })

  it('hands no mapping on that names no public address or no port', () => {
    for (const [address, port] of [
      ['', 9000], ['garbage', 9000], [{}, 9000], [undefined, 9000], ['192.168.0.1', 9000], ['203.0.113.7', NaN], ['203.0.113.7', 0],
      ['203.0.113.7', 65_536], ['203.0.113.7', 1.5]
    ] as [string, number][]) {
      upnp.addPublicAddressMapping('192.168.1.2', 8765, address, port, 'tcp')
      upnp.removePublicAddressMapping('192.168.1.2', 8765, address, port, 'tcp')
    }

    assert.deepEqual([calls, ports.first], [[], undefined])
    upnp.addPublicAddressMapping('192.168.1.2', 8765, '203.0.113.7', 65_535, 'tcp')
    upnp.addPublicAddressMapping('192.168.1.2', 8766, '203.0.113.7', 1, 'tcp')
    assert.equal(calls.length, 2)
  })

  it('tells the ports that the node listens on from other addresses', () => {
    assert.deepEqual(innerPortOf(addressOf('/ip4/192.168.1.2/udp/1/quic-v1')), { address: '192.168.1.2', protocol: 'udp', port: 1 })
    assert.deepEqual(innerPortOf(addressOf('/ip4/192.168.1.2/tcp/1/ws')), { address: '192.168.1.2', protocol: 'tcp', port: 1 })
    assert.equal(innerPortOf(addressOf('/ip4/192.168.1.2/tcp/1', 'observed')), undefined)
    const relay = '/ip4/192.168.1.2/tcp/1/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp/p2p-circuit'
    assert.equal(innerPortOf(addressOf(relay)), undefined)
    // a relay may say so
    assert.equal(innerPortOf(addressOf('/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp/p2p-circuit')), undefined)
  })
})

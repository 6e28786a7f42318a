import assert from 'node:assert/strict'
import { DialableAddresses, MAX_ADDRESS_CHARS, MAX_CLAIMED_ADDRESSES, OWN_NETWORKS_MAX_AGE_MS } from '../../src/address/dialable.ts'
import { FakeClock } from '../support/fake-clock.ts'

const ALICE = '12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA'
const BOB = '12D3KooWGjMCwVHUHQkE7z8j3sbLQPhsGNjBM3hcYWPkQ9QBm2D4'
const PUBLIC = ['/ip4/1.2.3.4/tcp/8765']

describe('address/dialable', () => {
  function accept (addresses: string[], { own = PUBLIC, peerId }: { own?: string[], peerId?: string } = {}): string[] {
    return new DialableAddresses(() => own).accept({ ...(peerId == null ? {} : { peerId }), addresses })
  }

  for (const address of [
    '/ip4/1.2.3.4/tcp/8765', '/ip6/2606:4700::1111/tcp/8765', '/ip4/1.2.3.4/tcp/8765/ws', `/ip4/1.2.3.4/tcp/8765/p2p/${ALICE}`,
    `/ip4/1.2.3.4/tcp/8765/p2p/${ALICE}/p2p-circuit/p2p/${BOB}`, '/dns4/node.example.org/tcp/443/tls/ws', '/dns/node.example.org/tcp/443/wss',
    // names that say something else elsewhere
    '/ip4/1.2.3.4/tcp/443/tls/sni/p2p-circuit/ws', '/dns4/p2p-circuit.example.org/tcp/443/tls/ws', '/ip4/1.2.3.4/tcp/443/tls/sni/p2p/ws'
  ]) {
    it(`takes ${address}`, () => {
      assert.deepEqual(accept([address]), [address])
    })
  }

  for (const address of [
    // no machine has these
    '/ip4/0.0.0.0/tcp/8765', '/ip4/224.0.0.1/tcp/8765', '/ip4/255.255.255.255/tcp/8765', '/ip6/::/tcp/8765', '/ip6/ff02::1/tcp/8765',
    '/ip4/1.2.3.4/tcp/0', '/ip4/1.2.3.4',
    // this machine, and networks that are not ours
    '/ip4/127.0.0.1/tcp/8765', '/ip6/::1/tcp/8765', '/ip6/::ffff:127.0.0.1/tcp/8765', '/ip4/10.0.0.1/tcp/8765',
    '/ip4/192.168.1.1/tcp/80', '/ip4/172.16.0.1/tcp/8765', '/ip4/169.254.169.254/tcp/80', '/ip6/fd00::1/tcp/8765',
    '/unix/%2Fvar%2Frun%2Fdocker.sock', '/memory/a', '/ip6zone/eth0/ip6/fe80::1/tcp/8765',
    `/ip4/1.2.3.4/tcp/1/p2p/${ALICE}/p2p-circuit/ip4/10.0.0.1/tcp/80`,
    // names, which may lead anywhere
    '/dns4/node.example.org/tcp/8765', '/dns/localhost/tcp/443/wss', '/dns4/router/tcp/443/wss', '/dns4/nas.local/tcp/443/wss',
    '/dns4/db.internal/tcp/443/wss', '/dns4/x.localhost./tcp/443/wss', '/dnsaddr/evil.example.org',
    // nonsense
    '', 'x', '/', '/ip4', '/ip4/1.2.3.4/tcp/99999', '/tcp/8765', `/p2p/${ALICE}`
  ]) {
    it(`refuses ${address === '' ? 'nothing' : address}`, () => {
      assert.deepEqual(accept([address]), [])
    })
  }

  it('takes an address of a local network where this node has one in the same block', () => {
    const addresses = ['/ip4/127.0.0.1/tcp/1', '/ip4/10.9.8.7/tcp/1', '/ip4/192.168.1.1/tcp/1', '/ip6/fd00::1/tcp/1']

    assert.deepEqual(accept(addresses, { own: ['/ip4/10.0.0.2/tcp/8765'] }), ['/ip4/10.9.8.7/tcp/1'])
    assert.deepEqual(accept(addresses, { own: ['/ip4/127.0.0.1/tcp/0', '/ip6/fd12::3'] }), ['/ip4/127.0.0.1/tcp/1', '/ip6/fd00::1/tcp/1'])
    assert.deepEqual(accept(addresses, { own: ['/ip4/0.0.0.0/tcp/0', '/ip6/::/tcp/0', 'nonsense', '/dns4/a.example/tcp/1'] }), [])
  })

  it('takes no address that ends with the id of another peer', () => {
    assert.deepEqual(accept([`${PUBLIC[0]}/p2p/${BOB}`, `${PUBLIC[0]}/p2p/${ALICE}`, '/ip4/1.2.3.4/tcp/2'], { peerId: ALICE }), [
      `${PUBLIC[0]}/p2p/${ALICE}`, '/ip4/1.2.3.4/tcp/2'
    ])
  })

  it('takes each address once, in its usual form', () => {
    assert.deepEqual(accept(['/ip6/2606:4700:0:0::1/tcp/1', '/ip6/2606:4700::1/tcp/1']), ['/ip6/2606:4700::1/tcp/1'])
  })

  it(`considers ${MAX_CLAIMED_ADDRESSES} addresses of a peer, and no more`, () => {
    const addresses = Array.from({ length: MAX_CLAIMED_ADDRESSES + 1 }, (_, i) => `/ip4/1.2.3.4/tcp/${i + 1}`)

    assert.deepEqual(accept(addresses), addresses.slice(0, -1))
    assert.deepEqual(accept(['x', ...addresses]), addresses.slice(0, -2))
  })

  it(`takes an address of ${MAX_ADDRESS_CHARS} characters and no longer one`, () => {
    const path = (length: number): string => {
      const begin = '/ip4/1.2.3.4/tcp/1/http-path/'

      return begin + 'x'.repeat(length - begin.length)
    }

    assert.deepEqual(accept([path(MAX_ADDRESS_CHARS), path(MAX_ADDRESS_CHARS + 1)]), [path(MAX_ADDRESS_CHARS)])
  })

  it('takes no address that no transport takes, nor one through a relay at such an address', () => {
    const asked: string[] = []
    const filter = new DialableAddresses(() => PUBLIC, new FakeClock(), (address) => {
      asked.push(address.toString())

      return /\/(ws|p2p-circuit)(\/|$)/.test(address.toString())
    })
    const relayed = (transport: string): string => `/ip4/1.2.3.4${transport}/p2p/${ALICE}/p2p-circuit/p2p/${BOB}`
    const addresses = ['/ip4/1.2.3.4/tcp/1', '/ip4/1.2.3.4/tcp/1/ws', relayed('/tcp/1'), relayed('/tcp/1/ws')]
    assert.deepEqual(filter.accept({ addresses }), [addresses[1], addresses[3]])
    assert.ok(asked.includes(`/ip4/1.2.3.4/tcp/1/p2p/${ALICE}`))
  })

  it(`reads again which networks are its own after ${OWN_NETWORKS_MAX_AGE_MS} ms`, async () => {
    const clock = new FakeClock()
    let own: string[] = PUBLIC
    const filter = new DialableAddresses(() => own, clock)
    const peer = { addresses: ['/ip4/10.0.0.1/tcp/1'] }
    assert.deepEqual(filter.accept(peer), [])
    own = ['/ip4/10.0.0.2/tcp/1']
    await clock.advance(OWN_NETWORKS_MAX_AGE_MS - 1)
    assert.deepEqual(filter.accept(peer), [])
    await clock.advance(1)
    assert.deepEqual(filter.accept(peer), peer.addresses)
  })
})

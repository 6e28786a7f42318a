import assert from 'node:assert/strict'
import { multiaddr } from '@multiformats/multiaddr'
import { raceOrder } from '../../../src/connect/dial/race-order.ts'

function orderOf (...addresses: string[]): string[] {
  return raceOrder(addresses.map((address) => multiaddr(address))).map(String)
}

const [TCP4, TCP6] = ['/ip4/8.8.8.8/tcp/1', '/ip6/2001:4860:4860::8888/tcp/1']
const [QUIC4, QUIC6] = ['/ip4/8.8.8.8/udp/1/quic-v1', '/ip6/2001:4860:4860::8888/udp/1/quic-v1']
const WS = '/dns4/example.org/tcp/443/tls/ws'
const RELAYED = '/ip4/8.8.4.4/tcp/1/p2p/12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5/p2p-circuit'

describe('connect/dial/race-order', () => {
  it('begins with QUIC, and goes on with what differs most: another family over another transport', () => {
    assert.deepEqual(orderOf(TCP4, TCP6, QUIC4, QUIC6), [QUIC6, TCP4, TCP6, QUIC4])
    assert.deepEqual(orderOf(TCP4, QUIC4), [QUIC4, TCP4])
    assert.deepEqual(orderOf(TCP4, TCP6), [TCP6, TCP4])
    assert.deepEqual(orderOf(WS, TCP4), [TCP4, WS])
  })

  it('has public addresses first, then private ones, those of this machine, and relays', () => {
    const [lan, loopback] = ['/ip4/192.168.1.2/udp/1/quic-v1', '/ip4/127.0.0.1/udp/1/quic-v1']
    assert.deepEqual(orderOf(RELAYED, loopback, lan, TCP4), [TCP4, lan, loopback, RELAYED])
  })

  it('leaves equals as they are, and loses none', () => {
    const same = ['/ip4/8.8.8.8/tcp/3', '/ip4/8.8.8.8/tcp/1', '/ip4/8.8.8.8/tcp/2']
    assert.deepEqual(orderOf(...same), same)
    assert.deepEqual(orderOf(), [])
    assert.deepEqual(orderOf(TCP4, TCP4), [TCP4, TCP4])
  })
})

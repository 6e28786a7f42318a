import assert from 'node:assert/strict'
import { multiaddr } from '@multiformats/multiaddr'
import { TypedEventEmitter } from 'main-event'
import { boundRelayAddresses, MAX_RELAY_ADDRESSES } from '../../../src/libp2p/patches/relay-addresses.ts'

const RELAY = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'
const OTHER = '12D3KooWBLAXujsTfGs1nPjdLB8wwqKXQ9NPyfuAzFmhntVobVyh'

interface Created { relay: string, details: { reservation: { addrs: Uint8Array[] } } }

describe('libp2p/patches/relay-addresses', () => {
  /** What listeners of the transport hear of a reservation with these addresses. */
  function heard (addrs: Uint8Array[]): string[] {
    const reservationStore = new TypedEventEmitter<{ 'relay:created-reservation': CustomEvent<Created> }>()
    boundRelayAddresses({ reservationStore })
    let found: Uint8Array[] = []
    reservationStore.addEventListener('relay:created-reservation', ({ detail }) => { found = detail.details.reservation.addrs })
    reservationStore.safeDispatchEvent('relay:created-reservation', { detail: { relay: RELAY, details: { reservation: { addrs } } } })

    return found.map((bytes) => multiaddr(bytes).toString())
  }

  function bytesOf (address: string): Uint8Array {
    return multiaddr(address).bytes
  }

  it('takes the addresses of the relay', () => {
    const addresses = [
      `/ip4/8.8.8.8/tcp/1/p2p/${RELAY}`, `/ip6/2001:db8::1/udp/1/quic-v1/p2p/${RELAY}`, `/dns4/relay.example/tcp/443/tls/ws/p2p/${RELAY}`,
      `/ip6zone/eth0/ip6/fe80::1/tcp/1/p2p/${RELAY}`
    ]
    assert.deepEqual(heard(addresses.map(bytesOf)), addresses)
  })

  it('takes none that does not begin with a host, or is of another peer', () => {
    const others = [
      `/p2p/${RELAY}`, `/http/p2p/${RELAY}`, `/unix/%2fa/p2p/${RELAY}`, `/tcp/1/p2p/${RELAY}`, '/ip4/8.8.8.8/tcp/1', `/ip4/8.8.8.8/tcp/1/p2p/${OTHER}`,
      `/ip4/8.8.8.8/tcp/1/p2p/${OTHER}/p2p/${RELAY}`, `/ip4/8.8.8.8/tcp/1/p2p/${RELAY}/p2p-circuit`,
      `/ip4/8.8.8.8/tcp/1/p2p/${OTHER}/p2p-circuit/p2p/${RELAY}`, `/ip4/8.8.8.8/tcp/1/p2p/${RELAY}/http`
    ].map(bytesOf)
    assert.deepEqual(heard([...others, new Uint8Array(), Uint8Array.of(4, 8), Uint8Array.of(4, 8, 8, 8, 8, 0xa5, 3, 5, 0, 3, 1, 2, 3)]), [])
  })

  it(`takes ${MAX_RELAY_ADDRESSES} addresses, and not one more`, () => {
    const many = Array.from({ length: MAX_RELAY_ADDRESSES + 1 }, (_, i) => `/ip4/8.8.8.${i}/tcp/1/p2p/${RELAY}`)
    assert.deepEqual(heard(many.map(bytesOf)), many.slice(0, -1))
    assert.equal(heard(many.slice(1).map(bytesOf)).length, MAX_RELAY_ADDRESSES)
  })

  it('throws where there is no such transport', () => {
    assert.throws(() => boundRelayAddresses({}), /Expected the transport of @libp2p\/circuit-relay-v2 4/)
  })
})

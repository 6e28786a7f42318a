import assert from 'node:assert/strict'
import { circuitRelayServer } from '@libp2p/circuit-relay-v2'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { TypedEventEmitter } from 'main-event'
import { locationOfIp } from '../../../src/address/location.ts'
import { RelayReservations } from '../../../src/libp2p/nat/relay-reservations.ts'
import type { Connection, Libp2pEvents, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** The inside of the relay server that libp2p asks when a client wants a reservation. */
interface Relay { reservationStore: { reserve: (peer: PeerId, address: Multiaddr) => { status: string }, reservations: { size: number } } }

const ADDRESS = multiaddr('/ip4/203.0.113.7/tcp/4001')

async function anyPeer (): Promise<PeerId> {
  return peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
}

describe('libp2p/nat/relay-reservations', () => {
  let relay: Relay
  let connected: Set<string>
  let events: TypedEventEmitter<Libp2pEvents>
  let reservations: RelayReservations

  beforeEach(async () => {
    const node = await createLibp2p({ start: false, addresses: { listen: [] }, services: { relay: circuitRelayServer() } })
    relay = node.services.relay as unknown as Relay
    connected = new Set()
    events = new TypedEventEmitter()
    reservations = new RelayReservations({
      components: {
        connectionManager: { getConnections: (peer) => connected.has(String(peer)) ? [{} as Connection] : [] },
        events,
        peerId: node.peerId,
        relay
      },
      clients: { max: 32, maxPerHost: 4 },
      circuits: { max: 16, maxPerHost: 4 },
      locationOfIp
    })
    reservations.start()
  })

  /** Asks for a reservation, and tells what the relay says and how many it has then. */
  function reserve (peer: PeerId): [status: string, size: number] {
    return [relay.reservationStore.reserve(peer, ADDRESS).status, relay.reservationStore.reservations.size]
  }

  it('gives a reservation to a peer that is connected, and ends it with its connection', async () => {
    const peer = await anyPeer()
    connected.add(peer.toString())
    assert.deepEqual(reserve(peer), ['OK', 1])
    connected.delete(peer.toString())
    events.safeDispatchEvent('peer:disconnect', { detail: peer })
    assert.equal(relay.reservationStore.reservations.size, 0)
  })

  it('gives none to a peer whose connection has ended before its request was read: no event would end it', async () => {
    assert.deepEqual(reserve(await anyPeer()), ['RESERVATION_REFUSED', 0])
  })

  it('ends all when it is about to stop, and gives none until it starts again', async () => {
    const [peer, other] = [await anyPeer(), await anyPeer()]
    connected.add(peer.toString()).add(other.toString())
    reserve(peer)
    reservations.beforeStop()
    assert.equal(relay.reservationStore.reservations.size, 0)
    assert.deepEqual(reserve(other), ['RESERVATION_REFUSED', 0])
    reservations.stop()
    reservations.start()
    assert.deepEqual(reserve(other), ['OK', 1])
    reservations.beforeStop()
  })
})

import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { defaultLogger } from '@libp2p/logger'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { createRelayServer, MAX_RELAY_CLIENTS, RELAYED_BYTES, RELAYED_DURATION_MS } from '../../../src/libp2p/nat/relay.ts'
import { createRelayClient, MAX_RELAYED_CONNECTIONS, RELAY_RESERVATIONS } from '../../../src/libp2p/nat/relay-client.ts'
import type { CircuitRelayService } from '@libp2p/circuit-relay-v2'
import type { PeerId, StreamHandlerOptions } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const ADDRESS = multiaddr('/ip4/10.0.0.1/tcp/8765')

/** What libp2p's relay server keeps its clients in. */
interface ReservationStore {
  reserve: (peer: PeerId, address: Multiaddr) => { status: string }
  get: (peer: PeerId) => { limit: { duration: number, data: bigint } } | undefined
}

describe('libp2p/nat/relay', () => {
  /** What was handled, and with which limits. */
  let handled: Record<string, StreamHandlerOptions>
  let listeners: string[]
  let components: never

  beforeEach(async () => {
    handled = {}
    listeners = []

    components = {
      peerId: await createPeer(),
      logger: defaultLogger(),
      registrar: {
        handle: async (protocol: string, _handler: unknown, options: StreamHandlerOptions) => { handled[protocol] = options },
        unhandle: async () => {},
        register: async () => 'topology',
        unregister: () => {}
      },
      peerStore: { all: async () => [] },
      connectionManager: { getConnections: () => [] },
      events: {
        addEventListener: (type: string) => { listeners.push(type) },
        removeEventListener: (type: string) => { listeners = listeners.filter((other) => other !== type) }
      },
      randomWalk: { walk: () => assert.fail('nobody is to be looked for') }
    } as never
  })

  async function createPeer (): Promise<PeerId> {
    return peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
  }

  describe('the server', () => {
    let service: CircuitRelayService & { reservationStore: ReservationStore, start: () => Promise<void>, stop: () => Promise<void> }

    beforeEach(async () => {
      service = createRelayServer()['relay']!(components) as typeof service
      await service.start()
    })

    afterEach(async () => {
      await service.stop()
    })

    it(`keeps ${MAX_RELAY_CLIENTS} nodes reachable, and not one more`, async () => {
      const peers = await Promise.all(Array.from({ length: MAX_RELAY_CLIENTS + 1 }, createPeer))
      const statuses = peers.map((peer) => service.reservationStore.reserve(peer, ADDRESS).status)

      assert.deepEqual(statuses, [...Array<string>(MAX_RELAY_CLIENTS).fill('OK'), 'RESERVATION_REFUSED'])
      assert.equal(service.reservations.size, MAX_RELAY_CLIENTS)
    })

    it('limits what goes through it to one of them', async () => {
      const peer = await createPeer()
      service.reservationStore.reserve(peer, ADDRESS)

      assert.deepEqual(service.reservationStore.get(peer)?.limit, { duration: RELAYED_DURATION_MS, data: BigInt(RELAYED_BYTES) })
    })

    it('lets one peer open so many connections through it', () => {
      assert.equal(handled['/libp2p/circuit/relay/0.2.0/hop']?.maxInboundStreams, MAX_RELAYED_CONNECTIONS)
    })
  })

  describe('the client', () => {
    it('takes so many connections of one relay, and does not hear of peers that libp2p discovers', async () => {
      const [create] = createRelayClient(true).transports
      const transport = create!(components) as unknown as {
        start: () => Promise<void>
        stop: () => Promise<void>
        reservationStore: { reserveRelay: () => void }
      }
      await transport.start()
      transport.reservationStore.reserveRelay()

      assert.equal(handled['/libp2p/circuit/relay/0.2.0/stop']?.maxInboundStreams, MAX_RELAYED_CONNECTIONS)
      assert.deepEqual(listeners, ['connection:close'])
      await transport.stop()
    })

    it(`asks for a reservation at ${RELAY_RESERVATIONS} relays where it listens, when libp2p has started`, async () => {
      const listened: string[] = []
      const transportManager = { listen: async (addresses: Multiaddr[]) => { listened.push(...addresses.map(String)) } }
      const service = createRelayClient(true).services['relayListener']!({ transportManager } as never) as { start: () => void, afterStart: () => Promise<void> }
      service.start()
      assert.deepEqual(listened, [])
      await service.afterStart()

      assert.deepEqual(listened, Array(RELAY_RESERVATIONS).fill('/p2p-circuit'))
    })

    it('asks for none where it does not', () => {
      const { transports, services } = createRelayClient(false)

      assert.equal(transports.length, 1)
      assert.deepEqual(services, {})
    })
  })
})

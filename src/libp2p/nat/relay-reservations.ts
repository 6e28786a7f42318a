import { locationOf } from '../../address/location.ts'
import { hookRelayServer } from '../patches/relay-server.ts'
import { bytesEqual } from '../../util/bytes.ts'
import { systemClock } from '../../util/clock.ts'
import { admit } from './relay-admission.ts'
import type { HostLimits } from '../../address/host-limits.ts'
import type { LocationOfIp } from '../../address/location.ts'
import type { Hop, RelayStore } from '../patches/relay-server.ts'
import type { Occupant } from './relay-admission.ts'
import type { Libp2pEvents, PeerId, Startable, Stream, TypedEventTarget } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Why a circuit ends that has to make room. */
const MADE_ROOM = 'The relayed connection makes room for others'

/** What {@link RelayReservations} needs of libp2p. */
export interface RelayReservationsComponents {
  connectionManager: Pick<ConnectionManager, 'getConnections'>
  events: TypedEventTarget<Libp2pEvents>
  peerId: PeerId
  relay: object
}

/** Options of {@link RelayReservations}. */
export interface RelayReservationsInit {
  components: RelayReservationsComponents
  /** Reservations of clients, and circuits to each client. */
  clients: HostLimits
  circuits: HostLimits
  locationOfIp: LocationOfIp
}

interface Client extends Occupant {
  readonly peer: PeerId
}

/** Without a stream as long as the client has not answered. */
interface Circuit extends Occupant {
  stream?: Stream
}

/**
 * Shares the reservations at a relay, and the circuits to each of its clients, among hosts and netgroups. libp2p's relay gives them to
 * the first that ask, and keeps a reservation for two hours, whether its client is connected or not.
 */
export class RelayReservations implements Startable {
  readonly #init: RelayReservationsInit
  readonly #store: RelayStore
  /** Circuits by the client that they lead to, the oldest first. */
  readonly #circuits = new Map<string, Set<Circuit>>()
  #isStopping = false

  constructor (init: RelayReservationsInit) {
    this.#init = init
    this.#store = hookRelayServer(init.components.relay, {
      onReserve: (peer, address) => !this.#isStopping && this.#isConnected(peer) && this.#makeRoom(address),
      onConnect: async (hop, connect) => this.#onConnect(hop, connect)
    })
  }

  start (): void {
    this.#isStopping = false
    this.#init.components.events.addEventListener('peer:disconnect', this.#onDisconnect)
  }

  stop (): void {
    this.#init.components.events.removeEventListener('peer:disconnect', this.#onDisconnect)
  }

  /**
   * Ends all reservations while libp2p's relay still knows of them, and gives no more: their timers would keep the node in memory for two
   * hours. Clients ask again as long as their connections are open.
   */
  beforeStop (): void {
    this.#isStopping = true
    this.#store.clients().forEach(({ peer }) => { this.#store.end(peer) })
  }

  readonly #onDisconnect = ({ detail: peer }: CustomEvent<PeerId>): void => { this.#store.end(peer) }

  /** A request may be read when its connection has ended already: no event would end that reservation. */
  #isConnected (peer: PeerId): boolean {
    return this.#init.components.connectionManager.getConnections(peer).length > 0
  }

  /** False where there is no room for a client at this address. */
  #makeRoom (address: Multiaddr): boolean {
    const { clients, components, locationOfIp } = this.#init
    const members = this.#store.clients().map(({ peer, address }): Client => {
      return { peer, location: locationOf(address, locationOfIp), isBusy: this.#circuits.has(peer.toString()) }
    })
    const { isRefused, surplus } = admit({ location: locationOf(address, locationOfIp) }, members, clients)

    if (surplus != null) {
      this.#store.end(surplus.peer)
      // it would go on telling others that it is reachable here
      components.connectionManager.getConnections(surplus.peer).forEach((connection) => {
        connection.abort(new Error('The reservation at the relay is needed for others'))
      })
    }

    return !isRefused
  }

  async #onConnect (hop: Hop, connect: (hop: Hop) => Promise<void>): Promise<void> {
    const client = this.#clientOf(hop)

    if (client == null) {
      // a client has no other spelling of its id: the relay's own id has no reservation here
      const peer = hop.request.peer?.id == null ? {} : { peer: { id: this.#init.components.peerId.toMultihash().bytes, addrs: [] } }
      await connect({ ...hop, request: { ...hop.request, ...peer } })
      return
    }

    const circuits = this.#circuitsTo(client)
    const circuit: Circuit = { location: locationOf(hop.connection.remoteAddr, this.#init.locationOfIp), isBusy: true }

    try {
      await this.#admitCircuit(circuit, circuits)
      await connect({ ...hop, stream: { ...hop.stream, unwrap: () => begin(circuit, circuits, hop.stream.unwrap()) } })
    } finally {
      const onEnd = (): void => { this.#onEnd(client, circuit, circuits) }

      if (circuit.stream?.status === 'open') {
        circuit.stream.addEventListener('close', onEnd, { once: true })
      } else {
        onEnd()
      }
    }
  }

  /** The client that a request names, by the bytes of its id. */
  #clientOf ({ request: { peer: called } }: Hop): string | undefined {
    const id = called?.id

    return id == null ? undefined : this.#store.clients().find(({ peer }) => bytesEqual(peer.toMultihash().bytes, id))?.peer.toString()
  }

  #circuitsTo (client: string): Set<Circuit> {
    const circuits = this.#circuits.get(client) ?? new Set()
    this.#circuits.set(client, circuits)

    return circuits
  }

  #onEnd (client: string, circuit: Circuit, circuits: Set<Circuit>): void {
    circuits.delete(circuit)

    if (circuits.size === 0 && this.#circuits.get(client) === circuits) {
      this.#circuits.delete(client)
    }
  }

  async #admitCircuit (circuit: Circuit, circuits: Set<Circuit>): Promise<void> {
    const { isRefused, surplus } = admit(circuit, [...circuits], this.#init.circuits)

    if (isRefused) {
      throw new Error('Too many circuits to this client of the relay')
    }

    circuits.add(circuit)

    if (surplus != null) {
      circuits.delete(surplus)
      surplus.stream?.abort(new Error(MADE_ROOM))
      // its other end is closed in this turn, and has to be before there is another one
      await new Promise<void>((resolve) => { systemClock.setTimeout(resolve, 0) })
    }
  }
}

/** A circuit may have had to make room before the client answered. */
function begin (circuit: Circuit, circuits: Set<Circuit>, stream: Stream): Stream {
  circuit.stream = stream

  if (!circuits.has(circuit)) {
    stream.abort(new Error(MADE_ROOM))
  }

  return stream
}

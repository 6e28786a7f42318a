import { locationOf } from '../../address/location.ts'
import { admit } from './relay-admission.ts'
import { bytesEqual } from '../../util/bytes.ts'
import type { HostLimits } from '../../address/host-limits.ts'
import type { Occupant } from './relay-admission.ts'
import type { LocationOfIp } from '../../address/location.ts'
import type { AbortOptions, Connection, Libp2pEvents, PeerId, Startable, Stream, TypedEventTarget } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Why a call ends that somebody else has got the place of. */
const MADE_ROOM = 'The relayed connection makes room for others'

/** A place of a client at a relay, of @libp2p/circuit-relay-v2 4. */
interface Reservation {
  addr: Multiaddr
  /** Ends it in two hours; until then its timer holds it. */
  signal: { clear: () => void }
}

/** What a client, or a caller, asks for. */
interface Hop {
  connection: Connection
  request: { peer?: { id: Uint8Array, addrs: Uint8Array[] } }
  /** The call as a stream for messages; it is one of bytes when there is a relayed connection. */
  stream: { unwrap (): Stream }
}

/** The inside of the relay server of @libp2p/circuit-relay-v2 4. */
interface RelayInside {
  reservationStore?: {
    reservations: { entries (): Iterable<[PeerId, Reservation]>, get (peer: PeerId): Reservation | undefined, delete (peer: PeerId): void }
    reserve: (peer: PeerId, address: Multiaddr, ...rest: unknown[]) => { status: string, expire?: number }
  }
  handleConnect?: (hop: Hop, options: AbortOptions) => Promise<void>
}

/** What {@link RelayPlaces} needs of libp2p. */
export interface RelayPlacesComponents {
  connectionManager: Pick<ConnectionManager, 'getConnections'>
  events: TypedEventTarget<Libp2pEvents>
  peerId: PeerId
  relay: object
}

/** What {@link RelayPlaces} is made with. */
export interface RelayPlacesInit {
  components: RelayPlacesComponents
  /** Places for clients, and for calls to each of them. */
  clients: HostLimits
  calls: HostLimits
  locationOfIp: LocationOfIp
}

interface Client extends Occupant {
  readonly peer: PeerId
}

/** Without a stream as long as the client has not answered. */
interface Call extends Occupant {
  stream?: Stream
}

/**
 * Shares the places at a relay, and the calls to each of its clients, among hosts and networks. libp2p's relay has so many for whoever
 * comes first, and keeps a place for two hours, whether its client is there or not.
 */
export class RelayPlaces implements Startable {
  readonly #init: RelayPlacesInit
  readonly #inside: RelayInside
  /** Calls by the client that they are for, the oldest first. */
  readonly #calls = new Map<string, Set<Call>>()

  constructor (init: RelayPlacesInit) {
    this.#init = init
    this.#inside = init.components.relay
    const { reservationStore, handleConnect } = this.#inside

    if (reservationStore != null && handleConnect != null) {
      const reserve = reservationStore.reserve.bind(reservationStore)
      const connect = handleConnect.bind(this.#inside)

      reservationStore.reserve = (peer, address, ...rest) => {
        return this.#makeRoom(peer, address) ? reserve(peer, address, ...rest) : { status: 'RESERVATION_REFUSED' }
      }
      this.#inside.handleConnect = async (hop, options) => this.#call(hop, async (checked) => connect(checked, options))
    }
  }

  start (): void {
    this.#init.components.events.addEventListener('peer:disconnect', this.#onDisconnect)
  }

  stop (): void {
    this.#init.components.events.removeEventListener('peer:disconnect', this.#onDisconnect)
  }

  /** Ends all places while libp2p's relay still knows of them: their timers would keep the node in memory for two hours. */
  beforeStop (): void {
    for (const [peer] of [...this.#inside.reservationStore?.reservations.entries() ?? []]) {
      this.#end(peer)
    }
  }

  readonly #onDisconnect = ({ detail: peer }: CustomEvent<PeerId>): void => { this.#end(peer) }

  /** False where there is no place for this client. */
  #makeRoom (peer: PeerId, address: Multiaddr): boolean {
    const { clients, components, locationOfIp } = this.#init
    const { reservations } = this.#inside.reservationStore!

    if (reservations.get(peer) != null) {
      return true
    }

    const members = Array.from(reservations.entries(), ([peer, { addr }]): Client => {
      return { peer, location: locationOf(addr, locationOfIp), isBusy: this.#calls.has(peer.toString()) }
    })
    const { isRefused, surplus } = admit({ location: locationOf(address, locationOfIp) }, members, clients)

    if (surplus != null) {
      this.#end(surplus.peer)
      // it would go on telling others that it is reachable here
      components.connectionManager.getConnections(surplus.peer).forEach((connection) => {
        connection.abort(new Error('The place at the relay is needed for others'))
      })
    }

    return !isRefused
  }

  #end (peer: PeerId): void {
    const { reservations } = this.#inside.reservationStore ?? {}
    reservations?.get(peer)?.signal.clear()
    reservations?.delete(peer)
  }

  async #call (hop: Hop, connect: (hop: Hop) => Promise<void>): Promise<void> {
    const { id } = hop.request.peer ?? {}
    const client = id == null
      ? undefined
      : Array.from(this.#inside.reservationStore!.reservations.entries(), ([peer]) => peer)
          .find((peer) => bytesEqual(peer.toMultihash().bytes, id))

    if (client == null) {
      // under no other spelling of its id is a client called: nobody has a place here who has the id of the relay
      const peer = id == null ? {} : { peer: { id: this.#init.components.peerId.toMultihash().bytes, addrs: [] } }
      await connect({ ...hop, request: { ...hop.request, ...peer } })
      return
    }

    const call: Call = { location: locationOf(hop.connection.remoteAddr, this.#init.locationOfIp), isBusy: true }
    const calls = this.#calls.get(client.toString()) ?? new Set()
    const onEnd = (): void => {
      calls.delete(call)

      if (calls.size === 0 && this.#calls.get(client.toString()) === calls) {
        this.#calls.delete(client.toString())
      }
    }

    this.#calls.set(client.toString(), calls)

    try {
      await this.#admitCall(call, calls)
      await connect({ ...hop, stream: { ...hop.stream, unwrap: () => this.#begin(call, calls, hop.stream.unwrap()) } })
    } finally {
      if (call.stream?.status === 'open') {
        call.stream.addEventListener('close', onEnd, { once: true })
      } else {
        onEnd()
      }
    }
  }

  /** It may have had to make room before there was an answer. */
  #begin (call: Call, calls: Set<Call>, stream: Stream): Stream {
    call.stream = stream

    if (!calls.has(call)) {
      stream.abort(new Error(MADE_ROOM))
    }

    return stream
  }

  async #admitCall (call: Call, calls: Set<Call>): Promise<void> {
    const { isRefused, surplus } = admit(call, [...calls], this.#init.calls)

    if (isRefused) {
      throw new Error('Too many calls to this client of the relay')
    }

    calls.add(call)

    if (surplus != null) {
      calls.delete(surplus)
      surplus.stream?.abort(new Error(MADE_ROOM))
      // its other end is closed in this turn, and has to be before there is another one
      await new Promise((resolve) => { setTimeout(resolve) })
    }
  }
}

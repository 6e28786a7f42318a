import type { AbortOptions, Connection, PeerId, Stream } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** What a relay says of its limits. The specification has `duration` in seconds. */
export interface RelayLimit {
  duration?: number
  data?: bigint
}

/** Messages of the relay protocol that may have a limit in them. */
interface LimitMessage {
  limit?: RelayLimit
}

/** A stream for messages of one kind, of @libp2p/utils 7. */
interface MessageStream {
  write: (message: LimitMessage, options?: AbortOptions) => Promise<void>
}

/** A stream for messages of whatever kind, of @libp2p/utils 7. */
interface ProtobufStream {
  pb: (codec: unknown) => MessageStream
  unwrap (): Stream
}

/** A reservation of a client, of @libp2p/circuit-relay-v2 4. */
interface Reservation {
  addr: Multiaddr
  /** Ends the reservation in two hours. Until then its timer holds it. */
  signal: { clear: () => void }
}

/** A request of a client for a reservation, or of a caller for a circuit to a client. */
export interface Hop {
  connection: Connection
  request: { peer?: { id?: Uint8Array, addrs: Uint8Array[] } }
  /** The stream of the request. It becomes one of bytes when there is a circuit. */
  stream: { unwrap (): Stream }
}

/** The inside of the relay server of @libp2p/circuit-relay-v2 4. */
interface RelayInside {
  reservationStore?: {
    reservations: { entries (): Iterable<[PeerId, Reservation]>, get (peer: PeerId): Reservation | undefined, delete (peer: PeerId): void }
    reserve: (peer: PeerId, address: Multiaddr, ...rest: unknown[]) => { status: string, expire?: number }
  }
  handleConnect?: (hop: Hop, options: AbortOptions) => Promise<void>
  handleHopProtocol?: (hop: { stream: ProtobufStream }, options: AbortOptions) => Promise<void>
  stopHop?: (stop: { request: LimitMessage }, options: AbortOptions) => Promise<unknown>
}

/** What is asked before the relay server does something. */
export interface RelayHooks {
  /** Whether a peer at this address gets a reservation. Not asked for one that has a reservation. */
  onReserve: (peer: PeerId, address: Multiaddr) => boolean
  /** Handles a request for a circuit. `connect` is what the server would do. */
  onConnect: (hop: Hop, connect: (hop: Hop) => Promise<void>) => Promise<void>
}

/** The reservations of a relay server. */
export interface RelayStore {
  /** The clients, and where each of them is. The oldest reservation is the first. */
  clients (): { peer: PeerId, address: Multiaddr }[]
  /** Ends the reservation of a peer, if there is one, with its timer. */
  end (peer: PeerId): void
}

/** Has a relay server ask before it gives a reservation or makes a circuit. Another version of libp2p is left alone, and has no clients. */
export function hookRelayServer (relay: object, { onReserve, onConnect }: RelayHooks): RelayStore {
  const inside = relay as RelayInside
  const { reservationStore, handleConnect } = inside

  if (reservationStore == null || handleConnect == null) {
    return { clients: () => [], end: () => {} }
  }

  const { reservations } = reservationStore
  const reserve = reservationStore.reserve.bind(reservationStore)
  const connect = handleConnect.bind(relay)

  reservationStore.reserve = (peer, address, ...rest) => {
    return reservations.get(peer) != null || onReserve(peer, address) ? reserve(peer, address, ...rest) : { status: 'RESERVATION_REFUSED' }
  }
  inside.handleConnect = async (hop, options) => onConnect(hop, async (checked) => connect(checked, options))

  return {
    clients: () => Array.from(reservations.entries(), ([peer, { addr }]) => ({ peer, address: addr })),
    end: (peer) => {
      reservations.get(peer)?.signal.clear()
      reservations.delete(peer)
    }
  }
}

/**
 * Has a relay tell both ends of a circuit in seconds how long it lasts. libp2p's relay counts in milliseconds, and tells them: an hour is
 * 1000 hours to a client. `durationMs` is what it counts. Any other duration is in seconds already.
 */
export function tellSeconds<Service extends object> (service: Service, durationMs: number): Service {
  const inside = service as RelayInside
  const handleHopProtocol = inside.handleHopProtocol?.bind(service)
  const stopHop = inside.stopHop?.bind(service)

  const convert = <Message extends LimitMessage> (message: Message): Message => {
    return message.limit?.duration === durationMs ? { ...message, limit: { ...message.limit, duration: durationMs / 1000 } } : message
  }

  if (handleHopProtocol != null) {
    inside.handleHopProtocol = async (hop, options) => handleHopProtocol({ ...hop, stream: convertWrites(hop.stream, convert) }, options)
  }

  if (stopHop != null) {
    inside.stopHop = async (stop, options) => stopHop({ ...stop, request: convert(stop.request) }, options)
  }

  return service
}

/** The stream, with each message converted before it is written. */
function convertWrites (stream: ProtobufStream, convert: (message: LimitMessage) => LimitMessage): ProtobufStream {
  return {
    ...stream,
    pb: (codec) => {
      const messages = stream.pb(codec)

      return { ...messages, write: async (message, options) => messages.write(convert(message), options) }
    }
  }
}

import { tryGetNetConfig } from '@libp2p/utils'
import { CODE_P2P, CODE_P2P_CIRCUIT, multiaddr } from '@multiformats/multiaddr'

/**
 * Addresses of a relay at which this node is reached through it, the first that the relay names.
 *
 * @remarks The node does not take the others for its own.
 */
export const MAX_RELAY_ADDRESSES = 8

const CREATED = 'relay:created-reservation'

/** What the transport of @libp2p/circuit-relay-v2 4 tells its listeners of a reservation, before they read it. */
interface Created {
  relay: { toString: () => string }
  details: { reservation: { addrs: Uint8Array[] } }
}

/** The inside of that transport. */
interface TransportInside {
  reservationStore?: { dispatchEvent: (event: Event) => boolean }
}

/**
 * Has a node take those addresses of a relay alone that are addresses of it, and so many. A relay may name any: libp2p makes each an
 * address of this node, and throws in an event handler at one that does not begin with a host. Returns the transport. Throws for another
 * version.
 */
export function boundRelayAddresses<Transport extends object> (transport: Transport): Transport {
  const { reservationStore } = transport as TransportInside

  if (typeof reservationStore?.dispatchEvent !== 'function') {
    throw new Error('Expected the transport of @libp2p/circuit-relay-v2 4. Install the version that package.json asks for')
  }

  const dispatch = reservationStore.dispatchEvent.bind(reservationStore)

  reservationStore.dispatchEvent = (event) => {
    if (event.type === CREATED) {
      const { relay, details: { reservation } } = (event as CustomEvent<Created>).detail
      reservation.addrs = reservation.addrs.filter((address) => isAddressOf(address, relay.toString())).slice(0, MAX_RELAY_ADDRESSES)
    }

    return dispatch(event)
  }

  return transport
}

/** Whether an address begins with a host, and ends with the id of the relay, and has no other id in it. */
function isAddressOf (bytes: Uint8Array, relay: string): boolean {
  try {
    const address = multiaddr(bytes)
    const parts = address.getComponents()
    const ids = parts.filter(({ code }) => code === CODE_P2P || code === CODE_P2P_CIRCUIT)
    const isWhole = multiaddr(address.toString()).equals(address)

    return isWhole && tryGetNetConfig(address) != null && ids.length === 1 && parts.at(-1)?.value === relay
  } catch {
    return false
  }
}

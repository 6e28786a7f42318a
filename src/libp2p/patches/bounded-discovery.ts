import { systemClock } from '../../util/clock.ts'
import type { Clock } from '../../util/clock.ts'
import type { DialableAddresses } from '../../address/dialable.ts'
import type { PeerDiscoveryEvents, PeerInfo, TypedEventTarget } from '@libp2p/interface'

/** Peers that the DHT, or mDNS, may tell libp2p of in {@link DISCOVERY_WINDOW_MS}: libp2p remembers each for hours. */
export const MAX_DISCOVERIES = 256

/** How long the peers count that a discovery has told of. Within this time it tells of each once. */
export const DISCOVERY_WINDOW_MS = 600_000

/** Addresses that libp2p is told of for a peer that the DHT or mDNS has found. */
export const MAX_DISCOVERED_ADDRESSES = 8

/**
 * Has a discovery of libp2p tell of so many peers and no more, and of addresses that may be dialled: what others say goes
 * into a store that has no bound but age. Returns the discovery.
 */
export function boundDiscovery<Discovery extends TypedEventTarget<PeerDiscoveryEvents>> (
  discovery: Discovery, filter: DialableAddresses, clock: Clock = systemClock
): Discovery {
  const dispatch = discovery.dispatchEvent.bind(discovery)
  const seen = new Set<string>()
  let since = clock.now()

  const takeNote = (id: string): boolean => {
    if (clock.now() - since >= DISCOVERY_WINDOW_MS) {
      seen.clear()
      since = clock.now()
    }

    return seen.size < MAX_DISCOVERIES && !seen.has(id) && seen.add(id) != null
  }

  discovery.dispatchEvent = (event) => {
    if (event.type !== 'peer') {
      return dispatch(event)
    }

    const { detail } = event as CustomEvent<PeerInfo>
    const addresses = new Set(filter.accept({ peerId: detail.id.toString(), addresses: detail.multiaddrs.map(String) }))
    const multiaddrs = detail.multiaddrs.filter((address) => addresses.delete(address.toString())).slice(0, MAX_DISCOVERED_ADDRESSES)

    return multiaddrs.length > 0 && takeNote(detail.id.toString()) && dispatch(new CustomEvent('peer', { detail: { ...detail, multiaddrs } }))
  }

  return discovery
}

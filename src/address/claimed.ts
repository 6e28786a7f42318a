import { multiaddr } from '@multiformats/multiaddr'
import { hostOf, lastPeerId } from './multiaddr.ts'
import type { Peer } from '../types/peer.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * The addresses that a peer says it listens on, as far as they are where we see it, be that a host or a relay: nobody sends us
 * to a third party.
 */
export function claimedAddresses ({ id, address, info }: Peer): string[] {
  const location = locationOf(multiaddr(address))

  return (info?.listenAddrs ?? []).flatMap((bytes) => {
    try {
      const claimed = multiaddr(bytes)
      // bytes can be an address whose text is none, or is another one
      const isHere = location != null && locationOf(claimed) === location && multiaddr(claimed.toString()).equals(claimed)

      return isHere && (lastPeerId(claimed) ?? id) === id ? [claimed.toString()] : []
    } catch {
      return []
    }
  })
}

/** The host, and the relay on it where an address leads through one. */
function locationOf (address: Multiaddr): string | undefined {
  const parts = address.getComponents()
  const circuit = parts.findIndex(({ name }) => name === 'p2p-circuit')
  const host = hostOf(address)

  if (host == null || circuit < 0) {
    return host
  }

  return `${host}/${parts.slice(0, circuit).find(({ name }) => name === 'p2p')?.value ?? ''}`
}

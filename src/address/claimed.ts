import { multiaddr } from '@multiformats/multiaddr'
import { lastPeerId, originOf } from './multiaddr.ts'
import type { Peer } from '../types/peer.ts'

/**
 * The addresses that a peer claims to listen on, as far as they are where the node sees it, be that a host or a relay. So no peer sends
 * the node to a third party.
 */
export function claimedAddresses ({ id, address, info }: Peer): string[] {
  const origin = originOf(multiaddr(address))

  return (info?.listenAddrs ?? []).flatMap((bytes) => {
    try {
      const claimed = multiaddr(bytes)
      // the text of some bytes is no address, or another one
      const isHere = origin != null && originOf(claimed) === origin && multiaddr(claimed.toString()).equals(claimed)

      return isHere && (lastPeerId(claimed) ?? id) === id ? [claimed.toString()] : []
    } catch {
      return []
    }
  })
}

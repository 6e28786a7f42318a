import { multiaddr } from '@multiformats/multiaddr'
import { hostOf } from './connection.ts'
import type { Peer } from '../types/peer.ts'

/** The addresses that a peer says it listens on, as far as they are where we see it: nobody sends us to a third party. */
export function claimedAddresses ({ address, info }: Peer): string[] {
  const host = hostOf(multiaddr(address))

  return (info?.listenAddrs ?? []).flatMap((bytes) => {
    try {
      const claimed = multiaddr(bytes)

      return host != null && hostOf(claimed) === host ? [claimed.toString()] : []
    } catch {
      return []
    }
  })
}

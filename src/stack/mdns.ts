import { mdns } from '@libp2p/mdns'
import type { StackPart } from './part.ts'
import type { ResolvedNetworkConfig } from '../config.ts'

/** Multicast DNS under a name of its own for each network. */
export function createMdns ({ network }: ResolvedNetworkConfig): StackPart {
  return { peerDiscovery: [mdns({ serviceTag: `_vibecoin-${network}._udp.local` })] }
}

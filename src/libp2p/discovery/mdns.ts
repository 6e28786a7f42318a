import { mdns } from '@libp2p/mdns'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { boundDiscovery } from '../patches/bounded-discovery.ts'
import { DialableAddresses } from '../../address/dialable.ts'
import type { StackPart } from '../part.ts'
import type { ResolvedNetworkConfig } from '../../config/resolve.ts'
import type { PeerDiscovery, PeerDiscoveryEvents, TypedEventTarget } from '@libp2p/interface'

/** How often the node asks the local network by mDNS. */
export const MDNS_INTERVAL_MS = 30_000

/** Multicast DNS under a name of its own for each network. `localAddresses` are those of this machine's interfaces. */
export function createMdns (
  { network, listen, announce, seedPeers }: ResolvedNetworkConfig, localAddresses: () => string[]
): StackPart {
  const create = mdns({ serviceTag: mdnsServiceTag(network), interval: MDNS_INTERVAL_MS })
  const filter = new DialableAddresses(() => [...listen, ...announce, ...seedPeers, ...localAddresses()])

  return {
    peerDiscovery: [(components) => {
      return boundDiscovery(create(components) as PeerDiscovery & TypedEventTarget<PeerDiscoveryEvents>, filter)
    }]
  }
}

/** The name that nodes of a network answer to. The network's own may hold any character, a label of the DNS may not: a hash. */
export function mdnsServiceTag (network: string): string {
  return `_vibecoin-${bytesToHex(sha256(utf8ToBytes(network))).slice(0, 16)}._udp.local`
}

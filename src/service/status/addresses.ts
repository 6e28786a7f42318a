import { isPrivate } from '@libp2p/utils'
import type { AddressRules } from '../../address/scope.ts'
import type { AddressStatus, AddressTests } from '../../types/status.ts'
import type { NodeAddress } from '@libp2p/interface-internal'
import type { Multiaddr } from '@multiformats/multiaddr'

const SOURCES: Readonly<Record<NodeAddress['type'], AddressStatus['source']>> = {
  transport: 'listen', announce: 'announce', observed: 'observed', 'ip-mapping': 'ip-mapping', 'dns-mapping': 'dns-mapping'
}

/** Which peers an address of a scope makes sense for. */
const TOLD_TO: Readonly<Record<AddressStatus['scope'], AddressStatus['toldTo']>> = {
  public: 'all', private: 'network', link: 'network', loopback: 'machine'
}

/** What is known of all addresses together, for {@link addressStatus}. */
export interface AddressFacts extends Pick<AddressRules, 'scopeOf'> {
  /** Whether the node tells any peer of an address: not of one that peers have seen and not reached, or beside those of `announce`. */
  isTold?: (address: Multiaddr) => boolean
  /** What came of asking peers to dial an address. */
  testsOf?: ((address: string) => AddressTests | undefined) | undefined
}

/**
 * An address of this node, as libp2p knows it. libp2p calls one verified too that it has no peer test: those of more networks than this
 * package takes for local, such as 6to4.
 */
export function addressStatus (
  { multiaddr, type, verified, lastVerified }: NodeAddress, { scopeOf, isTold = () => true, testsOf }: AddressFacts
): AddressStatus {
  const scope = scopeOf(multiaddr)
  const isAnnounced = type === 'announce'

  return {
    address: multiaddr.toString(),
    source: SOURCES[type],
    scope,
    isTested: scope === 'public' && !isAnnounced && !isPrivate(multiaddr) && verified && lastVerified != null,
    tests: testsOf?.(multiaddr.toString()) ?? null,
    toldTo: !isTold(multiaddr) ? 'none' : isAnnounced ? 'all' : TOLD_TO[scope]
  }
}

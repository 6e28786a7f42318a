import type { AddressRules } from '../../address/scope.ts'
import type { AddressStatus } from '../../types/status.ts'
import type { NodeAddress } from '@libp2p/interface-internal'

const SOURCES: Readonly<Record<NodeAddress['type'], AddressStatus['source']>> = {
  transport: 'listen', announce: 'announce', observed: 'observed', 'ip-mapping': 'ip-mapping', 'dns-mapping': 'dns-mapping'
}

/** An address of this node, as libp2p knows it. libp2p calls one verified too that no peer can test. */
export function addressStatus ({ multiaddr, type, verified, lastVerified }: NodeAddress, { scopeOf }: AddressRules): AddressStatus {
  const scope = scopeOf(multiaddr)

  return {
    address: multiaddr.toString(),
    source: SOURCES[type],
    scope,
    isTested: scope === 'public' && type !== 'announce' && verified && lastVerified != null
  }
}

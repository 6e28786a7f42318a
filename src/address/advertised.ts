import { multiaddr } from '@multiformats/multiaddr'
import { hostOf, isRelayed, withoutPeerId } from './multiaddr.ts'
import { familyOf } from './external-hosts.ts'
import { ipBlockOf } from './ip-block.ts'
import type { AddressRules, Scope } from './netgroup.ts'
import type { AddressManager, NodeAddress } from '@libp2p/interface-internal'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Where the node may be, as libp2p knows it, and where others see it. */
export interface OwnAddresses {
  addressManager: Pick<AddressManager, 'getAddresses' | 'getAddressesWithMetadata'>
  peerId: string
  /** Addresses at a host that others agree on: see {@link mappedAddresses}. */
  mapped: readonly Multiaddr[]
}

/** From how far away an address makes sense. */
const WIDTH: Readonly<Record<Scope, number>> = { loopback: 0, link: 1, private: 2, public: 3 }

/**
 * The addresses of this node that make sense for a peer at `peer`, the most useful first: somebody on the internet is not told
 * of local networks, and somebody in a local network is not told of this machine's loopback. Addresses that were configured to
 * be announced are told to everybody.
 */
export function advertisedAddresses ({ addressManager, peerId, mapped }: OwnAddresses, peer: Multiaddr, { scopeOf }: AddressRules): Multiaddr[] {
  const known = addressManager.getAddressesWithMetadata()
  const verified = addressManager.getAddresses()
  const announced = new Set(known.filter(({ type }) => type === 'announce').map(({ multiaddr }) => withoutPeerId(multiaddr)))
  const isAnnounced = (address: Multiaddr): boolean => announced.has(withoutPeerId(address))
  // whoever has libp2p announce less does not want to see the rest here
  const isFiltered = verified.length < new Set(known.flatMap(({ multiaddr, verified }) => verified ? withoutPeerId(multiaddr) : [])).size
  const untried = isFiltered ? [] : [...known.filter(isUntried).map(({ multiaddr }) => multiaddr), ...mapped]
  const all = [...verified, ...untried.map((address) => multiaddr(`${withoutPeerId(address)}/p2p/${peerId}`))]
  // behind a relay may be anybody
  const width = isRelayed({ remoteAddr: peer }) ? WIDTH.public : WIDTH[scopeOf(peer)]
  const block = ipBlockOf(hostOf(peer) ?? '')

  function rank (address: Multiaddr): number {
    if (isAnnounced(address)) {
      return 0
    }

    if (!isRelayed({ remoteAddr: address }) && block != null && ipBlockOf(hostOf(address) ?? '') === block) {
      return 1
    }

    return 2 + 2 * (WIDTH.public - WIDTH[scopeOf(address)]) + Number(isRelayed({ remoteAddr: address }))
  }

  // the first of those that are the same
  return [...new Map(all.map((address) => [address.toString(), address])).values()]
    .filter((address) => isAnnounced(address) || WIDTH[scopeOf(address)] >= width)
    .map((address) => ({ address, order: rank(address) }))
    .sort((a, b) => a.order - b.order)
    .map(({ address }) => address)
}

/**
 * Where the node can be reached if whoever translates its addresses forwards the ports that it listens on: at `hosts`. Nothing
 * for a host that libp2p has an address of, for it knows the port.
 */
export function mappedAddresses (known: readonly NodeAddress[], hosts: readonly string[], { scopeOf }: AddressRules): Multiaddr[] {
  const direct = known.filter(({ multiaddr }) => !isRelayed({ remoteAddr: multiaddr }))
  const had = new Set(direct.filter(({ type, verified }) => type !== 'observed' || verified).map(({ multiaddr }) => hostOf(multiaddr)))
  const listening = direct.filter(({ type, multiaddr }) => type === 'transport' && scopeOf(multiaddr) === 'private')
  const mapped = hosts.filter((host) => !had.has(host)).flatMap((host) => {
    const family = familyOf(host)

    return listening
      .map(({ multiaddr }) => multiaddr.toString())
      .filter((address) => address.startsWith(`/${family}/`))
      .map((address) => address.replace(/^\/ip[46]\/[^/]+/, `/${family}/${host}`))
  })

  return [...new Set(mapped)].map((address) => multiaddr(address))
}

/** What libp2p does not announce until somebody has tried to dial it: a public address of this machine, or what a gateway has mapped. */
function isUntried ({ type, verified, expires }: NodeAddress): boolean {
  return !verified && expires === 0 && (type === 'transport' || type === 'ip-mapping')
}

import { multiaddr } from '@multiformats/multiaddr'
import { hostOf, isRelayedAddress, withoutPeerId } from './multiaddr.ts'
import { familyOf } from './external-hosts.ts'
import { ipBlockOf } from './ip-block.ts'
import type { AddressRules, Scope } from './scope.ts'
import type { AddressManager, NodeAddress } from '@libp2p/interface-internal'
import type { Multiaddr } from '@multiformats/multiaddr'

/** The addresses of this node: those that libp2p knows, and those at which peers see it. */
export interface OwnAddresses {
  addressManager: Pick<AddressManager, 'getAddresses' | 'getAddressesWithMetadata'>
  peerId: string
  /** Addresses at a host that peers agree on: see {@link mappedAddresses}. */
  mapped: readonly Multiaddr[]
}

/** From how far away an address of a scope makes sense. */
const WIDTH: Readonly<Record<Scope, number>> = { loopback: 0, link: 1, private: 2, public: 3 }

/**
 * The addresses of this node that make sense for a peer at `peer`, the most useful first. The node tells a peer on the internet of no
 * local network, and a peer in a local network of no loopback. It tells every peer the addresses of the option `announce`.
 */
export function advertisedAddresses (
  { addressManager, peerId, mapped }: OwnAddresses, peer: Multiaddr, { scopeOf }: AddressRules
): Multiaddr[] {
  const known = addressManager.getAddressesWithMetadata()
  const verified = addressManager.getAddresses()
  const announced = new Set(known.filter(({ type }) => type === 'announce').map(({ multiaddr }) => withoutPeerId(multiaddr)))
  const isAnnounced = (address: Multiaddr): boolean => announced.has(withoutPeerId(address))
  // an application that has libp2p announce less does not want the node to tell the rest
  const isFiltered = verified.length < new Set(known.flatMap(({ multiaddr, verified }) => verified ? withoutPeerId(multiaddr) : [])).size
  const untried = isFiltered ? [] : [...known.filter(isUntried).map(({ multiaddr }) => multiaddr), ...mapped]
  const all = [...verified, ...untried.map((address) => multiaddr(`${withoutPeerId(address)}/p2p/${peerId}`))]
  const { width, block } = placeOf(peer, { scopeOf })

  function rank (address: Multiaddr): number {
    if (isAnnounced(address)) {
      return 0
    }

    if (!isRelayedAddress(address) && block != null && ipBlockOf(hostOf(address) ?? '') === block) {
      return 1
    }

    return 2 + 2 * (WIDTH.public - WIDTH[scopeOf(address)]) + Number(isRelayedAddress(address))
  }

  // each address once, where it comes first
  return [...new Map(all.map((address) => [address.toString(), address])).values()]
    .filter((address) => isAnnounced(address) || WIDTH[scopeOf(address)] >= width)
    .map((address) => ({ address, order: rank(address) }))
    .sort((a, b) => a.order - b.order)
    .map(({ address }) => address)
}

/** What of a peer decides which addresses make sense for it: all peers of one audience are told the same. */
export function audienceOf (peer: Multiaddr, rules: Pick<AddressRules, 'scopeOf'>): string {
  const { width, block } = placeOf(peer, rules)

  return `${width} ${block ?? ''}`
}

/** From how far away an address has to make sense, and the block of the peer. Behind a relay, a peer may be anywhere. */
function placeOf (peer: Multiaddr, { scopeOf }: Pick<AddressRules, 'scopeOf'>): { width: number, block: string | undefined } {
  return { width: isRelayedAddress(peer) ? WIDTH.public : WIDTH[scopeOf(peer)], block: ipBlockOf(hostOf(peer) ?? '') }
}

/**
 * The addresses of the node at `hosts`, if its gateway forwards the ports that it listens on. None for a host of which libp2p has an
 * address: it knows the port.
 */
export function mappedAddresses (known: readonly NodeAddress[], hosts: readonly string[], { scopeOf }: AddressRules): Multiaddr[] {
  const direct = known.filter(({ multiaddr }) => !isRelayedAddress(multiaddr))
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

/** What libp2p does not announce before a peer has dialled it: a public address of this machine, or one that a gateway has mapped. */
function isUntried ({ type, verified, expires }: NodeAddress): boolean {
  return !verified && expires === 0 && (type === 'transport' || type === 'ip-mapping')
}

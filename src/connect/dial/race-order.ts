import { isLoopback, isPrivate } from '@libp2p/utils'
import { isRelayedAddress } from '../../address/multiaddr.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** What an address is dialled over. */
const TRANSPORTS: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/\/quic-v1(\/|$)/, 'quic'], [/\/wss?(\/|$)/, 'ws'], [/\/tcp\//, 'tcp']
]

/** The quickest to a ready session first, as docs/guide/quic.md has measured it. */
const QUICKEST: readonly string[] = ['quic', 'tcp', 'ws', '']

/**
 * The order in which the addresses of a peer are dialled, as one begins after the other: public ones before others, and relays last. After
 * an address comes one that differs from it most, in the family of IP and the transport. So where one of those does not work here, the
 * second dial gets through. Among equals the order stays.
 */
export function raceOrder (addresses: readonly Multiaddr[]): Multiaddr[] {
  return [...Map.groupBy(addresses, classOf)].sort(([a], [b]) => a - b).flatMap(([, members]) => alternate(members))
}

/** How far away: 0 is dialled first. */
function classOf (address: Multiaddr): number {
  return isRelayedAddress(address) ? 3 : isLoopback(address) ? 2 : isPrivate(address) ? 1 : 0
}

function alternate (members: readonly Multiaddr[]): Multiaddr[] {
  const rest = members.toSorted((a, b) => rankOf(a) - rankOf(b))
  const order = rest.splice(0, 1)

  while (rest.length > 0) {
    const last = order.at(-1)!
    const next = rest.reduce((best, other) => difference(last, other) > difference(last, best) ? other : best)
    order.push(...rest.splice(rest.indexOf(next), 1))
  }

  return order
}

/** IPv6 comes before IPv4 over the same transport: where a machine has none, that fails at once. */
function rankOf (address: Multiaddr): number {
  return 2 * QUICKEST.indexOf(transportOf(address)) + (familyOf(address) === 'ip6' ? 0 : 1)
}

function difference (a: Multiaddr, b: Multiaddr): number {
  return (familyOf(a) === familyOf(b) ? 0 : 2) + (transportOf(a) === transportOf(b) ? 0 : 1)
}

function transportOf (address: Multiaddr): string {
  return TRANSPORTS.find(([pattern]) => pattern.test(address.toString()))?.[1] ?? ''
}

function familyOf (address: Multiaddr): string {
  return address.getComponents()[0]?.name ?? ''
}

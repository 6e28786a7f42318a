import { multiaddr } from '@multiformats/multiaddr'
import { hostOf, isRelayed } from './multiaddr.ts'
import { ipBlockOf, ipBytesOf } from './ip-block.ts'
import { netgroupOf } from './netgroup.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Where a peer is, as far as the address of its connection tells. Both are unknown for one that is reached through a relay. */
export interface Location {
  /**
   * Who is counted and banned as one: an IPv4 address, or the /64 of an IPv6 one, which is what a customer gets.
   * `undefined` for this machine itself.
   */
  readonly host: string | undefined
  /** The network that a public address is in, its /16 for IPv4 and its /32 for IPv6; `undefined` for any other. */
  readonly netgroup: string | undefined
}

/** The place of which nothing is known. */
export const UNKNOWN_LOCATION: Location = Object.freeze({ host: undefined, netgroup: undefined })

/** Where whoever is at an IP address is. Another rule than {@link placeOfIp} is for tests, whose nodes are all on one machine. */
export type LocationOfIp = (ip: string) => Location

/** The first bytes of an IPv6 address that one customer of a provider has all of. */
const HOST_BYTES_IP6 = 8

/** Where the peer at the other end of a connection is. */
export function locationOf (remoteAddr: Multiaddr, locationOfIp: LocationOfIp): Location {
  const ip = isRelayed({ remoteAddr }) ? undefined : hostOf(remoteAddr)

  return ip == null ? UNKNOWN_LOCATION : locationOfIp(ip)
}

/** {@link LocationOfIp} as it is. */
export function locationOfIp (ip: string): Location {
  const block = ipBlockOf(ip)
  const bytes = block == null || block === 'loopback' ? undefined : ipBytesOf(ip)

  return bytes == null ? UNKNOWN_LOCATION : { host: hostOfBytes(bytes), netgroup: netgroupOf(ip) }
}

function hostOfBytes (bytes: Uint8Array): string {
  if (bytes.byteLength === 4) {
    return bytes.join('.')
  }

  const prefix = Uint8Array.from({ length: 16 }, (_byte, i) => i < HOST_BYTES_IP6 ? bytes[i]! : 0)

  // the text of a multiaddr is the canonical form
  return `${multiaddr(Uint8Array.of(41, ...prefix)).toString().slice('/ip6/'.length)}/64`
}

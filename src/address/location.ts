import { multiaddr } from '@multiformats/multiaddr'
import { hostOf, isRelayed } from './multiaddr.ts'
import { ipBlockOf, ipBytesOf } from './ip-block.ts'
import { netgroupOf } from './netgroup.ts'
import { UNKNOWN_LOCATION } from '../types/location.ts'
import type { Location } from '../types/location.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

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

import { multiaddr } from '@multiformats/multiaddr'
import { hostOf, isRelayed } from './multiaddr.ts'
import { ipBlockOf, ipBytesOf } from './ip-block.ts'
import { networkGroup } from './netgroup.ts'
import { NOWHERE } from '../types/location.ts'
import type { Place } from '../types/location.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Where whoever is at an IP address is. Another rule than {@link placeOfIp} is for tests, whose nodes are all on one machine. */
export type PlaceOfIp = (ip: string) => Place

/** The first bytes of an IPv6 address that one customer of a provider has all of. */
const HOST_BYTES_IP6 = 8

/** Where the peer at the other end of a connection is. */
export function placeOf (remoteAddr: Multiaddr, placeOfIp: PlaceOfIp): Place {
  const ip = isRelayed({ remoteAddr }) ? undefined : hostOf(remoteAddr)

  return ip == null ? NOWHERE : placeOfIp(ip)
}

/** {@link PlaceOfIp} as it is. */
export function placeOfIp (ip: string): Place {
  const block = ipBlockOf(ip)
  const bytes = block == null || block === 'loopback' ? undefined : ipBytesOf(ip)

  return bytes == null ? NOWHERE : { host: hostOfBytes(bytes), group: networkGroup(ip) }
}

function hostOfBytes (bytes: Uint8Array): string {
  if (bytes.byteLength === 4) {
    return bytes.join('.')
  }

  const prefix = Uint8Array.from({ length: 16 }, (_byte, i) => i < HOST_BYTES_IP6 ? bytes[i]! : 0)

  // the text of a multiaddr is the canonical form
  return `${multiaddr(Uint8Array.of(41, ...prefix)).toString().slice('/ip6/'.length)}/64`
}

import { multiaddr } from '@multiformats/multiaddr'
import { hostOf, isRelayedAddress } from './multiaddr.ts'
import { ipBlockOf, ipBytesOf } from './ip-block.ts'
import { netgroupOf } from './netgroup.ts'
import { systemClock } from '../util/clock.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Where a peer is, as far as the address of its connection tells. Both are unknown for a peer behind a relay. */
export interface Location {
  /**
   * What is counted and banned as one: an IPv4 address, or the /64 of an IPv6 address, which is what one customer gets. `undefined`
   * for this machine itself.
   */
  readonly host: string | undefined
  /** The netgroup of a public address: its /16 for IPv4, its /32 for IPv6. `undefined` for any other address. */
  readonly netgroup: string | undefined
}

/** The location of a peer of which nothing is known. */
export const UNKNOWN_LOCATION: Location = Object.freeze({ host: undefined, netgroup: undefined })

/** The location of an IP address. Tests, whose nodes are all on one machine, have another rule than {@link locationOfIp}. */
export type LocationOfIp = (ip: string) => Location

/** The first bytes of an IPv6 address: one customer has all addresses with the same ones. */
const HOST_BYTES_IP6 = 8

/** Where the peer at the other end of a connection is. */
export function locationOf (remoteAddr: Multiaddr, locationOfIp: LocationOfIp): Location {
  const ip = isRelayedAddress(remoteAddr) ? undefined : hostOf(remoteAddr)

  return ip == null ? UNKNOWN_LOCATION : locationOfIp(ip)
}

/** The rule of a node on the internet. */
export function locationOfIp (ip: string): Location {
  const block = ipBlockOf(ip)
  const bytes = block == null || block === 'loopback' ? undefined : ipBytesOf(ip)

  return bytes == null ? UNKNOWN_LOCATION : { host: hostOfBytes(bytes), netgroup: netgroupOf(ip) }
}

/** How long the addresses of the interfaces are taken for the same, in ms. */
const INTERFACES_MS = 10_000

/**
 * The rule of a node on a machine that has `interfaces`, as multiaddrs. A public address of its own counts as a private one: the node
 * cannot tell who is behind it, and never bans it as a host. It is a host of its own, without its /64.
 */
export function locationOfIpBeside (interfaces: () => Iterable<string>, now: () => number = () => systemClock.now()): LocationOfIp {
  let own = new Set<string>()
  let until = -Infinity

  return (ip) => {
    if (now() >= until) {
      own = new Set(Array.from(interfaces(), (address) => keyOf(hostOf(multiaddr(address)))).filter((key) => key != null))
      until = now() + INTERFACES_MS
    }

    const location = locationOfIp(ip)

    return location.netgroup != null && own.has(keyOf(ip)!) ? { host: canonical(ipBytesOf(ip)!), netgroup: undefined } : location
  }
}

function keyOf (ip: string | undefined): string | undefined {
  return ip == null ? undefined : ipBytesOf(ip)?.toString()
}

function hostOfBytes (bytes: Uint8Array): string {
  if (bytes.byteLength === 4) {
    return canonical(bytes)
  }

  const prefix = Uint8Array.from({ length: 16 }, (_byte, i) => i < HOST_BYTES_IP6 ? bytes[i]! : 0)

  return `${canonical(prefix)}/64`
}

function canonical (bytes: Uint8Array): string {
  // the text of a multiaddr is the canonical form
  return bytes.byteLength === 4 ? bytes.join('.') : multiaddr(Uint8Array.of(41, ...bytes)).toString().slice('/ip6/'.length)
}

import { hostOf } from './multiaddr.ts'
import { ipBlockOf, ipBytesOf } from './ip-block.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** From where an address makes sense: on the same machine, on the same link, in the same local network, or anywhere. */
export type Scope = 'loopback' | 'link' | 'private' | 'public'

/** How places are judged. Other rules than {@link ADDRESS_RULES} are for tests, whose nodes are all on one machine. */
export interface AddressRules {
  scopeOf: (address: Multiaddr) => Scope
  groupOf: (ip: string) => string | undefined
}

/** The first bytes of an IPv4 address: whoever has one address there may have many. */
const GROUP_BYTES_IP4 = 2

/** The first bytes of an IPv6 address: what a provider gets for all of its customers. */
const GROUP_BYTES_IP6 = 4

const LINK_BLOCKS: readonly (string | undefined)[] = ['169.254.0.0/16', 'fe80::/10']

/** Names that lead nowhere outside a local network. */
const PRIVATE_NAME = /^[^.]+\.?$|\.(local|internal|lan|home\.arpa)\.?$/i

/**
 * From where an address makes sense. One that leads through a relay does where that of the relay does. Where a name leads is
 * not known: it counts as public unless only a local network can know it.
 */
export function scopeOf (address: Multiaddr): Scope {
  const first = address.getComponents()[0]?.name
  const host = hostOf(address)

  if (host == null) {
    // a socket file or the like; a peer id alone is looked for everywhere
    return first === 'p2p' ? 'public' : 'loopback'
  }

  return first?.startsWith('dns') === true ? scopeOfName(host) : scopeOfIp(host)
}

/**
 * The network that a public IP address is in, its /16 for IPv4 and its /32 for IPv6: what is in one may well be in one hand.
 * `undefined` for any other address, and for what is none.
 */
export function netgroupOf (ip: string): string | undefined {
  if (ipBlockOf(ip) !== 'public') {
    return undefined
  }

  const bytes = ipBytesOf(ip) ?? new Uint8Array(0)
  const prefix = bytes.subarray(0, bytes.byteLength === 4 ? GROUP_BYTES_IP4 : GROUP_BYTES_IP6)

  return Array.from(prefix, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** How places are judged. */
export const ADDRESS_RULES: AddressRules = { scopeOf, groupOf: netgroupOf }

function scopeOfName (name: string): Scope {
  if (/^(.*\.)?localhost\.?$/i.test(name)) {
    return 'loopback'
  }

  return PRIVATE_NAME.test(name) ? 'private' : 'public'
}

function scopeOfIp (ip: string): Scope {
  const block = ipBlockOf(ip)

  if (block === 'public' || block === 'loopback') {
    return block
  }

  return LINK_BLOCKS.includes(block) ? 'link' : 'private'
}

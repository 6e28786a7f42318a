import { ipBlockOf } from './ip-block.ts'
import { hostOf } from './multiaddr.ts'
import { netgroupOf } from './netgroup.ts'
import type { AddressScope } from '../types/address-scope.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** From where an address makes sense: on the same machine, on the same link, in the same local network, or anywhere. */
export type Scope = AddressScope

/** How the node judges addresses. Tests, whose nodes are all on one machine, have other rules than {@link ADDRESS_RULES}. */
export interface AddressRules {
  scopeOf: (address: Multiaddr) => Scope
  netgroupOf: (ip: string) => string | undefined
}

const LINK_BLOCKS: readonly (string | undefined)[] = ['169.254.0.0/16', 'fe80::/10']

/** Names that lead nowhere outside a local network. */
const PRIVATE_NAME = /^[^.]+\.?$|\.(local|internal|lan|home\.arpa)\.?$/i

/**
 * From where an address makes sense. That of a relay counts for an address that leads through it. A name may lead anywhere: it counts
 * as public unless only a local network can know it.
 */
export function scopeOf (address: Multiaddr): Scope {
  const first = address.getComponents()[0]?.name
  const host = hostOf(address)

  if (host == null) {
    // a socket file or the like; a peer id alone may be found anywhere
    return first === 'p2p' ? 'public' : 'loopback'
  }

  return first?.startsWith('dns') === true ? scopeOfName(host) : scopeOfIp(host)
}

/** The rules of a node on the internet. */
export const ADDRESS_RULES: AddressRules = { scopeOf, netgroupOf }

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

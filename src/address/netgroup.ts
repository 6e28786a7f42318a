import { ipBlockOf, ipBytesOf } from './ip-block.ts'

/** The first bytes of an IPv4 address. A customer who has one address there may have many. */
const GROUP_BYTES_IP4 = 2

/** The first bytes of an IPv6 address: what a provider gets for all of its customers. */
const GROUP_BYTES_IP6 = 4

/**
 * The netgroup of a public IP address: its /16 for IPv4, its /32 for IPv6. One attacker may well control all of it. `undefined` for any
 * other address, and for what is not one.
 */
export function netgroupOf (ip: string): string | undefined {
  if (ipBlockOf(ip) !== 'public') {
    return undefined
  }

  const bytes = ipBytesOf(ip) ?? new Uint8Array(0)
  const prefix = bytes.subarray(0, bytes.byteLength === 4 ? GROUP_BYTES_IP4 : GROUP_BYTES_IP6)

  return Array.from(prefix, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

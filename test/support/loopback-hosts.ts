import type { LocationOfIp } from '../../src/address/location.ts'

/** Takes each address of 127/8 for a host, and its first two bytes for a network. */
export const locationOfIp: LocationOfIp = (ip) => ({ host: ip, netgroup: ip.split('.').slice(0, 2).join('.') })

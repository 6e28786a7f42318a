import { networkInterfaces } from 'node:os'

/** The families of addresses that this machine has, loopback included. */
export function interfaceFamilies (): ReadonlySet<'ip4' | 'ip6'> {
  return new Set(Object.values(networkInterfaces()).flatMap((addresses) => {
    return (addresses ?? []).map(({ family }) => family === 'IPv4' ? 'ip4' : 'ip6')
  }))
}

/** The addresses of this machine's network interfaces as multiaddrs, without loopback, which every machine has. */
export function interfaceAddresses (): string[] {
  return Object.values(networkInterfaces()).flatMap((addresses) => {
    return (addresses ?? []).filter(({ internal }) => !internal).map(({ address, family }) => `/${family === 'IPv4' ? 'ip4' : 'ip6'}/${address}`)
  })
}

import { multiaddr } from '@multiformats/multiaddr'
import { DialableAddresses } from '../../address/dialable.ts'
import type { ResolvedNetworkConfig } from '../../config/resolve.ts'
import type { MultiaddrResolver } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * Resolves the `/dnsaddr/...` addresses that libp2p is about to dial, in place of its own resolver: that one follows
 * whatever it is told 32 names deep, in all directions, takes no notice of its signal and asks the machine's servers
 * (libp2p 3.3). What may not be dialled is left out. What it needs is loaded with the first such address.
 */
export function createDnsaddrResolver (
  { dnsServers, listen, announce, seedPeers }: Pick<ResolvedNetworkConfig, 'dnsServers' | 'listen' | 'announce' | 'seedPeers'>,
  localAddresses: () => string[]
): MultiaddrResolver {
  const filter = new DialableAddresses(() => [...listen, ...announce, ...seedPeers, ...localAddresses()])

  return {
    canResolve: (address) => address.getComponents().some(({ name }) => name === 'dnsaddr'),
    resolve: async (address, { signal = new AbortController().signal }) => {
      const [{ createDnsLookup }, { resolveDnsaddr }] = await Promise.all([import('./dns-lookup.ts'), import('./dnsaddr.ts')])
      const lookup = createDnsLookup(dnsServers)
      const resolved: Multiaddr[] = []

      for await (const found of resolveDnsaddr(address.toString(), { lookup, signal })) {
        resolved.push(...filter.accept({ addresses: [found] }).map((accepted) => multiaddr(accepted)))
      }

      return resolved
    }
  }
}

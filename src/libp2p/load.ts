import { createDnsaddrResolver } from './discovery/dnsaddr-resolver.ts'
import { mergeParts } from './part.ts'
import { createTransports } from './transport/transports.ts'
import { interfaceAddresses } from '../address/interfaces.ts'
import type { StackPart } from './part.ts'
import type { ResolvedNetworkConfig } from '../config/resolve.ts'
import type { LocationOfIp } from '../address/location.ts'

/** What the options of the config add to the libp2p node. What is not asked for is not even loaded. */
export async function loadStack (
  config: ResolvedNetworkConfig, { locationOfIp }: { locationOfIp?: LocationOfIp } = {}
): Promise<ReturnType<typeof mergeParts>> {
  const { discovery, dnsSeeds, nat, privateNetworkKey, seedPeers } = config
  const resolvers = { dnsaddr: createDnsaddrResolver(config, interfaceAddresses) }
  const parts: Promise<StackPart>[] = [createTransports(config), Promise.resolve({ resolvers })]

  if (dnsSeeds.length > 0 || seedPeers.some((seed) => seed.startsWith('/dnsaddr/'))) {
    parts.push(import('./discovery/dns-seeds.ts').then(({ createDnsSeeds }) => createDnsSeeds(config)))
  }

  if (discovery.dht != null && discovery.dht !== false) {
    parts.push(import('./discovery/dht.ts').then(({ createDht }) => createDht(config, interfaceAddresses)))
  }

  if (discovery.mdns === true) {
    parts.push(import('./discovery/mdns.ts').then(({ createMdns }) => createMdns(config, interfaceAddresses)))
  }

  if (Object.values(nat).includes(true)) {
    parts.push(import('./nat/nat.ts').then(async ({ createNat }) => createNat(config, locationOfIp)))
  }

  if (privateNetworkKey != null) {
    parts.push(import('./private-network/private-network.ts').then(({ createPrivateNetwork }) => createPrivateNetwork(privateNetworkKey)))
  }

  return mergeParts(await Promise.all(parts))
}

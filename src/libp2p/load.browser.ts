import { mergeParts } from './part.ts'
import { createTransports } from './transport/transports.ts'
import type { StackPart } from './part.ts'
import type { ResolvedNetworkConfig } from '../config/resolve.ts'
import type { MultiaddrResolver } from '@libp2p/interface'

/** libp2p would ask servers of third parties, and for whatever name a peer comes up with. */
const dnsaddr: MultiaddrResolver = {
  canResolve: (address) => address.getComponents().some(({ name }) => name === 'dnsaddr'),
  resolve: async () => []
}

/** What the options of the config add to the libp2p node of a web page. What is not asked for is not even loaded. */
export async function loadStack (config: ResolvedNetworkConfig): Promise<ReturnType<typeof mergeParts>> {
  const { discovery, nat, privateNetworkKey } = config
  const parts: Promise<StackPart>[] = [createTransports(config), Promise.resolve({ resolvers: { dnsaddr } })]

  if (discovery.dht != null && discovery.dht !== false) {
    parts.push(import('./discovery/dht.ts').then(({ createDht }) => createDht(config, () => [])))
  }

  if (nat.relay === true) {
    parts.push(import('./nat/nat.ts').then(async ({ createNat }) => createNat(config)))
  }

  if (privateNetworkKey != null) {
    parts.push(import('./private-network/private-network.ts').then(({ createPrivateNetwork }) => createPrivateNetwork(privateNetworkKey)))
  }

  return mergeParts(await Promise.all(parts))
}

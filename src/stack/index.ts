import { mergeParts } from './part.ts'
import { createTransports } from './transports.ts'
import type { StackPart } from './part.ts'
import type { ResolvedNetworkConfig } from '../config.ts'

/** What the options of the config add to the libp2p node. What is not asked for is not even loaded. */
export async function loadStack (config: ResolvedNetworkConfig): Promise<ReturnType<typeof mergeParts>> {
  const { discovery, nat, privateNetworkKey } = config
  const parts: Promise<StackPart>[] = [createTransports(config)]

  if (discovery.dht != null && discovery.dht !== false) {
    parts.push(import('./dht.ts').then(({ createDht }) => createDht(config)))
  }

  if (discovery.mdns === true) {
    parts.push(import('./mdns.ts').then(({ createMdns }) => createMdns(config)))
  }

  if (Object.values(nat).includes(true)) {
    parts.push(import('./nat.ts').then(async ({ createNat }) => createNat(config)))
  }

  if (privateNetworkKey != null) {
    parts.push(import('./private-network.ts').then(({ createPrivateNetwork }) => createPrivateNetwork(privateNetworkKey)))
  }

  return mergeParts(await Promise.all(parts))
}

import { kadDHT } from '@libp2p/kad-dht'
import { ping } from '@libp2p/ping'
import type { StackPart } from './part.ts'
import type { ResolvedNetworkConfig } from '../config.ts'

/** A DHT of the nodes of one network: nodes of other networks do not even speak its protocol. */
export function createDht ({ network, discovery, listen }: ResolvedNetworkConfig): StackPart {
  const mode = typeof discovery.dht === 'string' ? discovery.dht : listen.length > 0 ? 'server' : 'client'

  return {
    services: {
      ping: ping(),
      dht: kadDHT({ protocol: `/vibecoin/${network}/kad/1.0.0`, clientMode: mode === 'client' })
    }
  }
}

import { IDENTIFY_DELAY_MS, DelayedIdentify, usesIdentify } from './delayed-identify.ts'
import { PeerMemory } from './peer-memory.ts'
import { ignoreDialFailures } from '../patches/dial-failures.ts'
import { lightenPeerStoreLocks } from '../patches/peer-store-locks.ts'
import type { DelayedIdentifyComponents } from './delayed-identify.ts'
import type { StackPart } from '../part.ts'
import type { PeerMemoryComponents } from './peer-memory.ts'
import type { ResolvedNetworkConfig } from '../../config/resolve.ts'
import type { LocationOfIp } from '../../address/location.ts'

/** What libp2p learns of peers, and when, and for how long it knows it. */
export function createIdentities (
  config: Pick<ResolvedNetworkConfig, 'discovery' | 'nat'>, extras: { locationOfIp?: LocationOfIp } = {}
): Required<Pick<StackPart, 'services'>> {
  return {
    services: {
      delayedIdentify: (components: DelayedIdentifyComponents) => {
        return new DelayedIdentify({ components, delay: usesIdentify(config) ? 0 : IDENTIFY_DELAY_MS, ...extras })
      },
      peerMemory: (components: PeerMemoryComponents) => {
        ignoreDialFailures(components.peerStore)
        lightenPeerStoreLocks(components.peerStore)

        return new PeerMemory(components)
      }
    }
  }
}

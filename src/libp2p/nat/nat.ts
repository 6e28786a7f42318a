import { askToDialBack } from '../patches/dial-back-requests.ts'
import { dialTestsOf } from '../patches/dial-back-results.ts'
import { MAX_INBOUND_STREAMS } from '../gate/gate-limits.ts'
import type { DialBackRequestsComponents } from './dial-back-requests.ts'
import type { StunComponents } from './stun/responder.ts'
import type { StackPart } from '../part.ts'
import type { ResolvedNetworkConfig } from '../../config/resolve.ts'
import type { LocationOfIp } from '../../address/location.ts'

/** What helps where others cannot reach this node, or it helps others: each of it only where it is asked for. */
export async function createNat ({ nat, listen }: ResolvedNetworkConfig, locationOfIp?: LocationOfIp): Promise<StackPart> {
  const part: StackPart & Required<Pick<StackPart, 'transports' | 'services'>> = { transports: [], services: {} }

  if (nat.relay === true || nat.relayServer === true) {
    const { createRelayClient } = await import('./relay-client.ts')
    // a relay is reachable itself
    const client = createRelayClient(nat.relay === true && listen.length > 0)
    part.transports.push(...client.transports)
    Object.assign(part.services, client.services)
  }

  if (nat.relayServer === true) {
    const { createRelayServer } = await import('./relay.ts')
    Object.assign(part.services, createRelayServer(locationOfIp))
    const { StunResponder } = await import('./stun/responder.ts')
    part.services['stun'] = (components: StunComponents) => new StunResponder(components)
  }

  if (nat.holePunch === true) {
    const { holePunch } = await import('./hole-punch.ts')
    part.services['holePunch'] = holePunch()
  }

  if (nat.webrtc === true) {
    const { createWebRtc } = await import('./webrtc/webrtc.ts')
    const { transports, services, upgradeOf } = await createWebRtc(MAX_INBOUND_STREAMS)
    part.transports.push(...transports)
    const { ReleaseNative } = await import('../patches/channels/release-native.ts')
    Object.assign(part.services, services, { releaseNative: () => new ReleaseNative() })
    part.upgradeOf = upgradeOf
  }

  if (nat.autonat === true) {
    const { autoNATv2 } = await import('@libp2p/autonat-v2')
    const create = autoNATv2()
    let autonat: unknown
    part.services['autonat'] = (components: Parameters<typeof create>[0]) => {
      autonat = create(components)

      return autonat
    }
    part.testsOf = (address) => dialTestsOf(autonat, address)
    const { DialBackRequests } = await import('./dial-back-requests.ts')
    part.services['dialBackRequests'] = (components: DialBackRequestsComponents) => {
      return new DialBackRequests({ components, ask: async (connection) => askToDialBack(autonat, connection) })
    }
  }

  if (nat.upnp === true) {
    const { createPortMapping } = await import('./gateway/port-mapping.ts')
    // the node believes the gateway where it asks no peer
    const { services, gatewayOf } = createPortMapping({ isBelieved: nat.autonat !== true })
    Object.assign(part.services, services)
    part.gatewayOf = gatewayOf
  }

  return part
}

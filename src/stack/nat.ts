import type { StackPart } from './part.ts'
import type { ResolvedNetworkConfig } from '../config.ts'

/** What helps where others cannot reach this node, or it helps others: each of it only where it is asked for. */
export async function createNat ({ nat }: ResolvedNetworkConfig): Promise<StackPart> {
  const part: Required<Pick<StackPart, 'transports' | 'services'>> = { transports: [], services: {} }

  if (nat.relay === true || nat.relayServer === true) {
    const { circuitRelayServer, circuitRelayTransport } = await import('@libp2p/circuit-relay-v2')
    part.transports.push(circuitRelayTransport())

    if (nat.relayServer === true) {
      part.services['relay'] = circuitRelayServer()
    }
  }

  if (nat.holePunch === true) {
    const { dcutr } = await import('@libp2p/dcutr')
    part.services['dcutr'] = dcutr()
  }

  if (nat.autonat === true) {
    const { autoNATv2 } = await import('@libp2p/autonat-v2')
    part.services['autonat'] = autoNATv2()
  }

  if (nat.upnp === true) {
    const { uPnPNAT } = await import('@libp2p/upnp-nat')
    part.services['upnp'] = uPnPNAT()
  }

  return part
}

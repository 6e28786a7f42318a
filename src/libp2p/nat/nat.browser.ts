import { MAX_INBOUND_STREAMS } from '../gate/gate-limits.ts'
import { createRelayClient } from './relay-client.ts'
import type { StackPart } from '../part.ts'
import type { ResolvedNetworkConfig } from '../../config/resolve.ts'

/** What helps a web page to reach nodes that let no peer in: it calls them through relays, and moves to WebRTC. */
export async function createNat ({ nat }: ResolvedNetworkConfig): Promise<StackPart> {
  const { transports } = createRelayClient(false)

  if (nat.webrtc !== true) {
    return { transports }
  }

  const { createWebRtc } = await import('./webrtc/webrtc.ts')
  const webRtc = await createWebRtc(MAX_INBOUND_STREAMS)

  return { ...webRtc, transports: [...transports, ...webRtc.transports] }
}

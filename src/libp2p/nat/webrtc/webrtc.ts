import { ConfigError } from '../../../errors.ts'
import { guardChannels } from '../../patches/channels/guard-channels.ts'
import { DirectCalls } from './direct-calls.ts'
import { boundCalls } from './signalling.ts'
import { stunServerOf } from './stun-servers.ts'
import type { StackPart } from '../../part.ts'
import type { DirectCallsComponents } from './direct-calls.ts'
import type { StunServerComponents } from './stun-servers.ts'
import type { Transport } from '@libp2p/interface'
import type { webRTC, WebRTCTransportComponents } from '@libp2p/webrtc'

type Components = WebRTCTransportComponents & StunServerComponents

/** Direct connections over WebRTC to peers that were reached through relays. `maxInboundStreams`: channels of a peer at a time. */
export async function createWebRtc (maxInboundStreams: number): Promise<Required<Pick<StackPart, 'transports' | 'services' | 'upgradeOf'>>> {
  const library = await loadLibrary()
  let calls: DirectCalls | undefined

  const create = (components: Components): Transport => library.webRTC({
    rtcConfiguration: async () => {
      const url = await stunServerOf(components)

      // none: without a list the library takes servers of third parties
      return { iceServers: url == null ? [] : [{ urls: [url] }] }
    }
  })(boundCalls(components))

  return {
    transports: [guardChannels(create, { maxInboundStreams })],
    services: {
      directCalls: (components: DirectCallsComponents) => {
        calls = new DirectCalls(components)

        return calls
      }
    },
    upgradeOf: (id) => calls?.stateOf(id)
  }
}

async function loadLibrary (): Promise<{ webRTC: typeof webRTC }> {
  try {
    return await import('@libp2p/webrtc')
  } catch (err) {
    throw new ConfigError('Expected the package @libp2p/webrtc with `nat.webrtc`: `npm install @libp2p/webrtc`', { cause: err })
  }
}

import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { tcp } from '@libp2p/tcp'
import { createLibp2p } from 'libp2p'
import { noiseCrypto } from '../../src/libp2p/patches/noise-crypto.ts'
import { createTcp } from '../../src/libp2p/transport/transports.ts'
import { STREAM_BUFFER_BYTES, STREAM_WINDOW_BYTES } from '../../src/libp2p/node-options.ts'
import type { Libp2p, ServiceMap } from '@libp2p/interface'
import type { Libp2pOptions, ServiceFactoryMap } from 'libp2p'

/** The settings of Yamux that `startNetwork` chooses. `{}` would be libp2p's own. */
export const OUR_STREAM_OPTIONS: StreamOptions = { maxStreamWindowSize: STREAM_WINDOW_BYTES, maxReadBufferLength: STREAM_BUFFER_BYTES }

/** Settings of Yamux. */
export interface StreamOptions { maxStreamWindowSize?: number, maxReadBufferLength?: number }

/** What {@link createStack} is made with. */
export interface StackInit<Services extends ServiceMap> {
  isListening: boolean
  /** Those of `startNetwork` unless given, and its cryptography with them. */
  streamOptions?: StreamOptions
  /** Whether TCP is that of `startNetwork` too. */
  hasOurTcp?: boolean
  services?: ServiceFactoryMap<Services>
}

/** A libp2p node on loopback without this package: TCP, Noise and Yamux, and as many connections as come. */
export async function createStack<Services extends ServiceMap = ServiceMap> (
  { isListening, streamOptions = OUR_STREAM_OPTIONS, hasOurTcp = false, services }: StackInit<Services>
): Promise<Libp2p<Services>> {
  const options: Libp2pOptions<Services> = {
    addresses: { listen: isListening ? ['/ip4/127.0.0.1/tcp/0'] : [] },
    transports: [hasOurTcp ? createTcp() : tcp()],
    connectionEncrypters: [noise(streamOptions === OUR_STREAM_OPTIONS && noiseCrypto != null ? { crypto: noiseCrypto } : {})],
    streamMuxers: [yamux({ streamOptions })],
    connectionManager: { maxConnections: 10_000, maxIncomingPendingConnections: 1000, inboundConnectionThreshold: 100_000 },
    connectionMonitor: { enabled: false },
    ...(services == null ? {} : { services })
  }

  return createLibp2p(options)
}

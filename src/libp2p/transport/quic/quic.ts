import { ConfigError } from '../../../errors.ts'
import { MAX_INBOUND_STREAMS } from '../../gate/gate-limits.ts'
import { guardQuic } from '../../patches/quic/guard-quic.ts'
import type { TransportFactory } from '../transports.ts'
import type { quic } from '@chainsafe/libp2p-quic'

/** What a peer may send on one stream, and on all streams of a connection, before any of it is read. */
export const QUIC_STREAM_BYTES: number = 2 * 1024 * 1024
export const QUIC_CONNECTION_BYTES: number = 8 * 1024 * 1024

/** How long the handshake of QUIC may take. */
export const QUIC_HANDSHAKE_MS = 5000

/** How long nothing may come before the connection is over. Either side says something in half of it. */
export const QUIC_IDLE_MS = 30_000

/** QUIC: encrypted with TLS 1.3 and multiplexed by itself. */
export async function createQuic (): Promise<TransportFactory> {
  const library = await loadLibrary()

  return guardQuic(library.quic({
    handshakeTimeout: QUIC_HANDSHAKE_MS,
    maxIdleTimeout: QUIC_IDLE_MS,
    keepAliveInterval: QUIC_IDLE_MS / 2,
    maxConcurrentStreamLimit: MAX_INBOUND_STREAMS,
    maxStreamData: QUIC_STREAM_BYTES,
    maxConnectionData: QUIC_CONNECTION_BYTES
  }) as unknown as TransportFactory)
}

async function loadLibrary (): Promise<{ quic: typeof quic }> {
  try {
    return await import('@chainsafe/libp2p-quic')
  } catch (err) {
    throw new ConfigError('Expected the package @chainsafe/libp2p-quic for addresses with `/quic-v1`: `npm install @chainsafe/libp2p-quic`', { cause: err })
  }
}

import { ConfigError } from '../../../errors.ts'
import { MAX_INBOUND_STREAMS } from '../../gate/gate-limits.ts'
import { guardQuic } from '../../patches/quic/guard-quic.ts'
import type { GuardMuxerComponents } from '../../patches/guard/guard.ts'
import type { quic, QuicComponents } from '@chainsafe/libp2p-quic'
import type { Libp2pOptions } from 'libp2p'

type TransportFactory = NonNullable<Libp2pOptions['transports']>[number]

/**
 * What a peer may send on one stream of QUIC before any of it is read.
 *
 * @remarks The remote waits.
 */
export const QUIC_STREAM_BYTES: number = 2 * 1024 * 1024

/**
 * The same for all streams of a connection together.
 *
 * @remarks The remote waits.
 */
export const QUIC_CONNECTION_BYTES: number = 8 * 1024 * 1024

/**
 * How long the handshake of QUIC may take.
 *
 * @remarks The dial fails, or the library drops the connection.
 */
export const QUIC_HANDSHAKE_MS = 5000

/**
 * How long nothing may come on a connection of QUIC. Either side says something in half of it.
 *
 * @remarks The connection is over.
 */
export const QUIC_IDLE_MS = 30_000

/** QUIC: encrypted with TLS 1.3 and multiplexed by itself. */
export async function createQuic (): Promise<TransportFactory> {
  const library = await loadLibrary()

  const create = library.quic({
    handshakeTimeout: QUIC_HANDSHAKE_MS,
    maxIdleTimeout: QUIC_IDLE_MS,
    keepAliveInterval: QUIC_IDLE_MS / 2,
    maxConcurrentStreamLimit: MAX_INBOUND_STREAMS,
    maxStreamData: QUIC_STREAM_BYTES,
    maxConnectionData: QUIC_CONNECTION_BYTES
  })

  return guardQuic((components: QuicComponents & GuardMuxerComponents) => create(components))
}

async function loadLibrary (): Promise<{ quic: typeof quic }> {
  try {
    return await import('@chainsafe/libp2p-quic')
  } catch (err) {
    throw new ConfigError('Expected the package @chainsafe/libp2p-quic for addresses with `/quic-v1`: `npm install @chainsafe/libp2p-quic`', { cause: err })
  }
}

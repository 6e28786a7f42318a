import { tcp } from '@libp2p/tcp'
import { SOCKET_WRITE_BYTES, withJoinedWrites } from '../patches/joined-writes.ts'
import { hasCipher } from '../patches/noise-crypto.ts'
import { withFreedMemory } from '../patches/socket-memory.ts'
import type { StackPart } from '../part.ts'
import type { ResolvedNetworkConfig } from '../../config/resolve.ts'
import type { Libp2pOptions } from 'libp2p'

/** What makes a transport of the parts of a libp2p node. */
export type TransportFactory = NonNullable<Libp2pOptions['transports']>[number]

/** TCP, and WebSockets and QUIC where an address of the config needs them. */
export async function createTransports ({ listen, seedPeers, announce, reservedPeers, tls }: ResolvedNetworkConfig): Promise<StackPart> {
  const addresses = [...listen, ...seedPeers, ...announce, ...reservedPeers]
  const transports = [createTcp()]

  if (tls != null || addresses.some((address) => /\/wss?(\/|$)/.test(address))) {
    const { createWebSockets } = await import('./web-socket/web-socket.ts')
    transports.push(createWebSockets(tls))
  }

  if (addresses.some(isQuicAddress)) {
    const { createQuic } = await import('./quic/quic.ts')
    transports.push(await createQuic())
  }

  return { transports }
}

/** Whether a multiaddr is one of QUIC, or leads through a relay that is. */
function isQuicAddress (address: string): boolean {
  return /\/quic-v1(\/p2p\/[^/]+)?(\/p2p-circuit|$)/.test(address)
}

/** TCP, for connections that Noise encrypts with `noiseCrypto`. */
export function createTcp (): TransportFactory {
  // one way the option is that of a socket, the other that of a server
  const socketOptions: object[] = [{ writableHighWaterMark: SOCKET_WRITE_BYTES }, { highWaterMark: SOCKET_WRITE_BYTES }]
  const joined = withJoinedWrites(tcp({ dialOpts: socketOptions[0]!, listenOpts: socketOptions[1]! }))

  return hasCipher ? withFreedMemory(joined) : joined
}

import { tcp } from '@libp2p/tcp'
import { SOCKET_WRITE_BYTES, withJoinedWrites } from '../patches/joined-writes.ts'
import { hasCipher } from '../patches/noise-crypto.ts'
import { withFreedMemory } from '../patches/socket-memory.ts'
import type { StackPart } from '../part.ts'
import type { ResolvedNetworkConfig } from '../../config/resolve.ts'
import type { Libp2pOptions } from 'libp2p'

/** What makes a transport of the parts of a libp2p node. */
export type TransportFactory = NonNullable<Libp2pOptions['transports']>[number]

/** TCP, and WebSockets where an address of the config needs them. */
export async function createTransports ({ listen, seedPeers, announce, tls }: ResolvedNetworkConfig): Promise<StackPart> {
  const needsWebSockets = tls != null || [...listen, ...seedPeers, ...announce].some((address) => /\/wss?(\/|$)/.test(address))

  if (!needsWebSockets) {
    return { transports: [createTcp()] }
  }

  const { createWebSockets } = await import('./web-socket/web-socket.ts')

  return { transports: [createTcp(), createWebSockets(tls)] }
}

/** TCP, for connections that Noise encrypts with `noiseCrypto`. */
export function createTcp (): TransportFactory {
  // one way the option is that of a socket, the other that of a server
  const socketOptions: object[] = [{ writableHighWaterMark: SOCKET_WRITE_BYTES }, { highWaterMark: SOCKET_WRITE_BYTES }]
  const joined = withJoinedWrites(tcp({ dialOpts: socketOptions[0]!, listenOpts: socketOptions[1]! }))

  return hasCipher ? withFreedMemory(joined) : joined
}

import { tcp } from '@libp2p/tcp'
import { SOCKET_WRITE_BYTES, withJoinedWrites } from './joined-writes.ts'
import { noiseCrypto } from './noise-crypto.ts'
import { withFreedMemory } from './socket-memory.ts'
import type { StackPart } from './part.ts'
import type { ResolvedNetworkConfig } from '../config.ts'

/** TCP, and WebSockets where an address of the config needs them. */
export async function createTransports ({ listen, seedPeers, announce, tls }: ResolvedNetworkConfig): Promise<StackPart> {
  const needsWebSockets = tls != null || [...listen, ...seedPeers, ...announce].some((address) => /\/wss?(\/|$)/.test(address))

  // one way the option is that of a socket, the other that of a server
  const socketOptions: object[] = [{ writableHighWaterMark: SOCKET_WRITE_BYTES }, { highWaterMark: SOCKET_WRITE_BYTES }]
  const joined = withJoinedWrites(tcp({ dialOpts: socketOptions[0]!, listenOpts: socketOptions[1]! }))
  const tcpTransport = noiseCrypto == null ? joined : withFreedMemory(joined)

  if (!needsWebSockets) {
    return { transports: [tcpTransport] }
  }

  const { createWebSockets } = await import('./web-sockets.ts')

  return { transports: [tcpTransport, createWebSockets(tls)] }
}

import { tcp } from '@libp2p/tcp'
import type { StackPart } from './part.ts'
import type { ResolvedNetworkConfig } from '../config.ts'

/** TCP, and WebSockets where an address of the config needs them. */
export async function createTransports ({ listen, seedPeers, announce, tls }: ResolvedNetworkConfig): Promise<StackPart> {
  const needsWebSockets = tls != null || [...listen, ...seedPeers, ...announce].some((address) => /\/wss?(\/|$)/.test(address))

  if (!needsWebSockets) {
    return { transports: [tcp()] }
  }

  const { createWebSockets } = await import('./web-sockets.ts')

  return { transports: [tcp(), createWebSockets(tls)] }
}

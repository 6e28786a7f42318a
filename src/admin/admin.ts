import { createServer } from 'node:net'
import { BlockLog } from './block-log.ts'
import { serveConnection } from './connection.ts'
import { listenOn } from './listen.ts'
import { createMethods } from './methods.ts'
import type { Network } from '../network.ts'
import type { Socket } from 'node:net'

/**
 * Connections to the admin socket at a time.
 *
 * @remarks The node ends the newcomer.
 */
export const MAX_ADMIN_CONNECTIONS = 16

/** An open admin socket. */
export interface Admin {
  /** Ends its connections, and takes the socket away. */
  close: () => Promise<void>
}

/**
 * Opens the admin socket of a node: `<dataDir>/admin.sock`, or a named pipe on Windows. Throws a `StorageError` where another node answers
 * on it, and where there can be none.
 */
export async function openAdmin (network: Network, dataDir: string): Promise<Admin> {
  const blocks = new BlockLog(network)
  const methods = createMethods({ network, dataDir, blocks })
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.once('close', () => { sockets.delete(socket) })
    serveConnection(socket, { methods })
  })
  server.maxConnections = MAX_ADMIN_CONNECTIONS

  try {
    const closeSocket = await listenOn(server, dataDir)
    // what happens to the socket later ends no node
    server.on('error', () => {})

    return {
      close: async () => {
        blocks.stop()
        sockets.forEach((socket) => { socket.destroy() })
        await new Promise((resolve) => { server.close(resolve) })
        await closeSocket()
      }
    }
  } catch (err) {
    blocks.stop()
    throw err
  }
}

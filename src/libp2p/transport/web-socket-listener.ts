import { ipPortToMultiaddr } from '@libp2p/utils'
import { WebSocketConnection } from './web-socket-connection.ts'
import { CLOSE_TIMEOUT_MS, MAX_FRAGMENTS, MAX_MESSAGE_BYTES } from './web-socket-limits.ts'
import { toSocket } from './web-socket.ts'
import { UpgradeGuard } from './upgrade-guard.ts'
import type { Listener, Logger, Upgrader } from '@libp2p/interface'
import type { IncomingMessage } from 'node:http'
import type { Server } from 'node:net'
import type { WebSocket } from 'ws'

/** The inside of a listener of @libp2p/websockets 10. */
interface WebSocketListener extends Listener {
  readonly server: Server
  readonly wsServer: { readonly options: { maxPayload: number, maxFragments: number, closeTimeout: number } }
  readonly shutdownController: AbortController
  onWsServerConnection (socket: WebSocket, request: IncomingMessage): void
}

/**
 * Gives a listener of libp2p what it lacks: bounds for what comes before the libp2p handshake, and connections that end when they
 * are aborted.
 */
export function guardListener (base: Listener, { upgrader, log }: { upgrader: Upgrader, log: Logger }): Listener {
  const listener = base as WebSocketListener
  const guard = new UpgradeGuard()
  const { options } = listener.wsServer
  options.maxPayload = MAX_MESSAGE_BYTES
  options.maxFragments = MAX_FRAGMENTS
  options.closeTimeout = CLOSE_TIMEOUT_MS

  listener.server.on('connection', (socket) => { guard.add(socket) })

  const close = listener.close.bind(listener)

  listener.close = async () => {
    // it waits for those that have not said anything yet
    const closed = close()
    guard.end()
    await closed
  }

  listener.onWsServerConnection = (webSocket, { socket: { remoteAddress, remotePort } }) => {
    guard.delete({ remoteAddress, remotePort })

    const connection = new WebSocketConnection({
      socket: toSocket(webSocket),
      remoteAddr: ipPortToMultiaddr(remoteAddress ?? '0.0.0.0', remotePort ?? 0).encapsulate('/ws'),
      direction: 'inbound',
      log
    })

    upgrader.upgradeInbound(connection, { signal: listener.shutdownController.signal }).catch((err: unknown) => {
      log.error('could not upgrade a connection from %a - %e', connection.remoteAddr, err)
      connection.abort(err instanceof Error ? err : new Error(String(err)))
    })
  }

  return listener
}

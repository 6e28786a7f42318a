import type { Listener } from '@libp2p/interface'
import type { IncomingMessage } from 'node:http'
import type { Server, Socket } from 'node:net'
import type { WebSocket } from 'ws'

/** What a WebSocket server takes. */
export interface WebSocketServerLimits {
  /** The largest message, in bytes. */
  maxPayload: number
  /** Frames of which a message may consist. */
  maxFragments: number
  /** How long the other side has to agree to the end of a WebSocket, in ms. */
  closeTimeout: number
}

/** Callbacks of a listener for WebSockets. */
export interface WebSocketListenerHooks {
  /** Called with each TCP connection, before its WebSocket handshake. */
  onTcp: (socket: Socket) => void
  /** Called in place of libp2p with each WebSocket whose handshake is done. `signal` ends with the listener. */
  onWebSocket: (webSocket: WebSocket, request: IncomingMessage, signal: AbortSignal) => void
  /** Called with what the other two have thrown, and what the server says of a connection that it cannot accept. */
  onError: (err: Error) => void
}

/** The inside of a listener of @libp2p/websockets 10. */
interface ListenerInside extends Listener {
  readonly server: Server
  readonly wsServer: { readonly options: WebSocketServerLimits }
  readonly shutdownController: AbortController
  onWsServerConnection (socket: WebSocket, request: IncomingMessage): void
}

/**
 * Bounds what the WebSocket server of a listener takes, and hands its connections to others than libp2p. A listener of another version
 * would be without bounds: it throws a `TypeError`.
 */
export function hookWebSocketListener (
  listener: Listener, limits: WebSocketServerLimits, { onTcp, onWebSocket, onError }: WebSocketListenerHooks
): void {
  const inside = listener as ListenerInside
  Object.assign(inside.wsServer.options, limits)
  // libp2p listens for errors no more once there is a port: the next connection may work
  inside.server.on('error', onError)
  inside.server.on('connection', (socket) => {
    try {
      onTcp(socket)
    } catch (err) {
      socket.destroy()
      onError(err as Error)
    }
  })

  // nothing else would catch it, and the process would end
  inside.onWsServerConnection = (webSocket, request) => {
    try {
      onWebSocket(webSocket, request, inside.shutdownController.signal)
    } catch (err) {
      webSocket.on('error', () => {})
      webSocket.terminate()
      onError(err as Error)
    }
  }
}

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
  listener: Listener, limits: WebSocketServerLimits, { onTcp, onWebSocket }: WebSocketListenerHooks
): void {
  const inside = listener as ListenerInside
  Object.assign(inside.wsServer.options, limits)
  inside.server.on('connection', onTcp)

  inside.onWsServerConnection = (webSocket, request) => {
    onWebSocket(webSocket, request, inside.shutdownController.signal)
  }
}

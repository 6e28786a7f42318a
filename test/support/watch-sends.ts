import { WebSocket } from 'ws'

type Send = (this: WebSocket, ...args: Parameters<WebSocket['send']>) => void

/** Calls back after each message that any WebSocket has sent. Returns what ends that. */
export function watchSends (onSend: (socket: WebSocket) => void): () => void {
  const { value: send } = Object.getOwnPropertyDescriptor(WebSocket.prototype, 'send') as { value: Send }

  const watched: Send = function (...args) {
    send.apply(this, args)
    onSend(this)
  }

  WebSocket.prototype.send = watched as typeof WebSocket.prototype.send

  return () => { WebSocket.prototype.send = send as typeof WebSocket.prototype.send }
}

import { subscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'

/** Counts what comes in on all TCP sockets of this process that are made from now on, in bytes, encrypted as it is. */
export function countReceived (): () => number {
  const open = new Set<Socket>()
  let closed = 0

  const onSocket = (message: unknown): void => {
    const { socket } = message as { socket: Socket }
    open.add(socket)
    socket.once('close', () => {
      open.delete(socket)
      closed += socket.bytesRead
    })
  }

  subscribe('net.client.socket', onSocket)
  subscribe('net.server.socket', onSocket)

  return () => [...open].reduce((sum, { bytesRead }) => sum + bytesRead, closed)
}

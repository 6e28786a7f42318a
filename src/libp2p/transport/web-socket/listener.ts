import { ipPortToMultiaddr } from '@libp2p/utils'
import { hookWebSocketListener } from '../../patches/web-socket-listener.ts'
import { WebSocketConnection } from './connection.ts'
import { CLOSE_TIMEOUT_MS, MAX_FRAGMENTS, MAX_MESSAGE_BYTES } from './limits.ts'
import { toSocket } from './socket.ts'
import { HalfOpenUpgrades } from './half-open-upgrades.ts'
import type { Listener, Logger, Upgrader } from '@libp2p/interface'

const SERVER_LIMITS = { maxPayload: MAX_MESSAGE_BYTES, maxFragments: MAX_FRAGMENTS, closeTimeout: CLOSE_TIMEOUT_MS }

/**
 * Gives a listener of libp2p what it lacks: bounds for what comes before the libp2p handshake, and connections that end when they
 * are aborted.
 */
export function boundListener (listener: Listener, { upgrader, log }: { upgrader: Upgrader, log: Logger }): Listener {
  const upgrades = new HalfOpenUpgrades()
  const close = listener.close.bind(listener)

  listener.close = async () => {
    // it waits for those that have not said anything yet
    const closed = close()
    upgrades.end()
    await closed
  }

  hookWebSocketListener(listener, SERVER_LIMITS, {
    onTcp: (socket) => { upgrades.add(socket) },
    onError: (err) => { log.error('could not take a connection - %e', err) },

    onWebSocket: (webSocket, { socket: { remoteAddress, remotePort } }, signal) => {
      upgrades.delete({ remoteAddress, remotePort })

      const connection = new WebSocketConnection({
        socket: toSocket(webSocket),
        // an address of the local link comes with the interface behind it, which no multiaddr has
        remoteAddr: ipPortToMultiaddr((remoteAddress ?? '0.0.0.0').replace(/%.*/, ''), remotePort ?? 0).encapsulate('/ws'),
        direction: 'inbound',
        log
      })

      upgrader.upgradeInbound(connection, { signal }).catch((err: unknown) => {
        log.error('could not upgrade a connection from %a - %e', connection.remoteAddr, err)
        connection.abort(err instanceof Error ? err : new Error(String(err)))
      })
    }
  })

  return listener
}

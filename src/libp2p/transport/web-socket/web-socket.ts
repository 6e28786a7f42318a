import { serviceCapabilities, transportSymbol } from '@libp2p/interface'
import { webSockets } from '@libp2p/websockets'
import { openSocket } from './socket.ts'
import { WebSocketConnection } from './connection.ts'
import { boundListener } from './listener.ts'
import type { TlsOptions } from '../../../config/resolve.ts'
import type { Connection, DialTransportOptions, Transport } from '@libp2p/interface'
import type { WebSocketsComponents } from '@libp2p/websockets'
import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * libp2p's WebSockets, with connections of our own: bounded in what they receive and in what waits to be sent, and closed when
 * they are aborted. `tls` is for listening on `/tls/ws`.
 */
export function createWebSockets (tls?: TlsOptions): (components: WebSocketsComponents) => Transport {
  return (components) => {
    const base = webSockets(tls == null ? {} : { https: tls })(components)
    const log = components.logger.forComponent('vibecoin:websockets')

    const transport: Transport & { [serviceCapabilities]: string[] } = {
      [transportSymbol]: true,
      [Symbol.toStringTag]: base[Symbol.toStringTag],
      [serviceCapabilities]: ['@libp2p/transport'],
      dial: async (address, options) => dial(address, { ...options, log }),
      createListener: (options) => boundListener(base.createListener(options), { upgrader: options.upgrader, log }),
      listenFilter: (addresses) => base.listenFilter(addresses),
      dialFilter: (addresses) => base.dialFilter(addresses)
    }

    return transport
  }
}

async function dial (
  address: Multiaddr, { log, upgrader, ...options }: DialTransportOptions & { log: WebSocketLog }
): Promise<Connection> {
  const socket = await openSocket(toUri(address), options.signal)
  const connection = new WebSocketConnection({ socket, remoteAddr: address, direction: 'outbound', log })

  try {
    return await upgrader.upgradeOutbound(connection, options)
  } catch (err) {
    connection.abort(err instanceof Error ? err : new Error(String(err)))
    throw err
  }
}

type WebSocketLog = ReturnType<WebSocketsComponents['logger']['forComponent']>

/** `wss://host:port/` or `ws://host:port/`. */
export function toUri (address: Multiaddr): string {
  const parts = new Map(address.getComponents().map(({ name, value }) => [name, value]))
  const scheme = parts.has('tls') || parts.has('wss') ? 'wss' : 'ws'
  const ip6 = parts.get('ip6')
  const host = parts.get('sni') ?? (ip6 == null ? parts.get('ip4') ?? parts.get('dns') ?? parts.get('dns4') ?? parts.get('dns6') : `[${ip6}]`)

  return `${scheme}://${host}:${parts.get('tcp')}/`
}

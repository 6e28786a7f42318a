import { isRelayed } from '../../../address/multiaddr.ts'
import type { Connection, Stream } from '@libp2p/interface'
import type { Registrar } from '@libp2p/interface-internal'

/** The protocol in which two nodes agree on a connection of WebRTC, over a relay. */
export const SIGNALLING_PROTOCOL = '/webrtc-signaling/0.0.1'

/**
 * Connections of WebRTC that peers are making to this node: each has sockets of its own.
 *
 * @remarks The newcomer stays. The node ends the try of the oldest.
 */
export const MAX_WEBRTC_CALLS = 8

/** {@link MAX_WEBRTC_CALLS} through one circuit: one is enough. */
export const MAX_WEBRTC_CALLS_PER_CIRCUIT = 1

/** What {@link boundCalls} needs of libp2p. */
export interface SignallingComponents {
  registrar: Registrar
}

/**
 * The components for a transport of WebRTC, with another registrar: peers may call through circuits only, as often at a time as
 * {@link MAX_WEBRTC_CALLS} says. A peer with a direct connection needs no other.
 */
export function boundCalls<Components extends SignallingComponents> (components: Components): Components {
  /** The calls under way, the oldest first. */
  const calls = new Map<Stream, Connection>()

  const admit = (stream: Stream, connection: Connection): boolean => {
    const isExcess = Array.from(calls.values()).filter((other) => other === connection).length >= MAX_WEBRTC_CALLS_PER_CIRCUIT

    if (!isRelayed(connection) || isExcess) {
      return false
    }

    const [oldest] = calls.keys()

    if (oldest != null && calls.size >= MAX_WEBRTC_CALLS) {
      calls.delete(oldest)
      oldest.abort(new Error('Other peers call'))
    }

    calls.set(stream, connection)
    stream.addEventListener('close', () => { calls.delete(stream) }, { once: true })

    return true
  }

  const { registrar } = components
  const bounded = Object.assign(Object.create(registrar) as Registrar, {
    handle: async (...[protocol, handler, options]: Parameters<Registrar['handle']>) => registrar.handle(protocol, (stream, connection) => {
      if (admit(stream, connection)) {
        return handler(stream, connection)
      }

      stream.abort(new Error('No call is taken here, or one is under way'))

      return undefined
    }, options),
    unhandle: async (...args: Parameters<Registrar['unhandle']>) => registrar.unhandle(...args)
  })

  // the components are a proxy that writes to all parts of libp2p: what is changed here must not get there
  return Object.create(components, { registrar: { value: bounded } }) as Components
}

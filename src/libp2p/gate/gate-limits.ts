/** Streams that a peer may have open on one connection: of ours, of those that help to connect, and of other services. */
export const MAX_INBOUND_STREAMS = 64

/**
 * Inbound connections that are not encrypted and multiplexed yet.
 *
 * @remarks The newcomer stays. The node cuts the oldest of the host with the most, in the netgroup with the most.
 */
export const MAX_HALF_OPEN = 64

/**
 * {@link MAX_HALF_OPEN} for a single public host.
 *
 * @remarks The newcomer stays. The node cuts the oldest of that host.
 */
export const MAX_HALF_OPEN_PER_HOST = 8

/**
 * Inbound connections without a ready session.
 *
 * @remarks The newcomer stays. The node cuts the oldest of the host with the most, in the netgroup with the most.
 */
export const MAX_SESSIONLESS = 64

/**
 * {@link MAX_SESSIONLESS} for a single public host.
 *
 * @remarks The newcomer stays. The node cuts the oldest of that host.
 */
export const MAX_SESSIONLESS_PER_HOST = 8

/**
 * How long an inbound connection may be without a stream. A node that dials for the DHT closes it before.
 *
 * @remarks The node closes the connection.
 */
export const IDLE_CONNECTION_MS = 20_000

/** How often the node looks which connections are idle. */
export const SWEEP_INTERVAL_MS = 5000

/**
 * Connections that libp2p's own limits have room for above ours.
 *
 * It counts those that we cut until it has noticed. A relay keeps the connections of its clients beside those, and the DHT opens some.
 */
export const SPARE_CONNECTIONS = 128

/**
 * The limits of libp2p, which refuses newcomers without looking at others: they have to stand behind ours. `sessions` are those that
 * there can be at a time, of whatever kind.
 */
export function connectionLimits (sessions: number): { maxConnections: number, maxIncomingPendingConnections: number } {
  return {
    maxConnections: sessions + MAX_SESSIONLESS + SPARE_CONNECTIONS,
    maxIncomingPendingConnections: MAX_HALF_OPEN + SPARE_CONNECTIONS
  }
}

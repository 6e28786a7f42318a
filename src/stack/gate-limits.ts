/** Connections that others open and that are not encrypted and multiplexed yet; above it one is cut. */
export const MAX_HALF_OPEN = 64

/** {@link MAX_HALF_OPEN} for a single public host. */
export const MAX_HALF_OPEN_PER_HOST = 8

/** Connections that others open and that carry no session; above it one is cut. */
export const MAX_GUESTS = 64

/** {@link MAX_GUESTS} for a single public host. */
export const MAX_GUESTS_PER_HOST = 8

/** How long a connection that others open may be without a stream, in ms. Whoever dials for the DHT closes it before. */
export const IDLE_CONNECTION_MS = 20_000

/** How often it is looked which connections are idle, in ms. */
export const SWEEP_INTERVAL_MS = 5000

/** Public hosts whose connections per second are counted at a time. */
export const MAX_RATED_HOSTS = 4096

/**
 * Room in libp2p's own limits above ours, in connections: those that we cut are counted there until it has noticed. A relay
 * keeps the connections of its clients beside those, and the DHT opens some.
 */
const SPARE_CONNECTIONS = 128

/**
 * The limits of libp2p, which refuses newcomers and asks nobody else: they have to stand behind ours. `sessions` are those that
 * there can be at a time, of whatever kind.
 */
export function connectionLimits (sessions: number): { maxConnections: number, maxIncomingPendingConnections: number } {
  return {
    maxConnections: sessions + MAX_GUESTS + SPARE_CONNECTIONS,
    maxIncomingPendingConnections: MAX_HALF_OPEN + SPARE_CONNECTIONS
  }
}

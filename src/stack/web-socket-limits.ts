/**
 * The largest WebSocket message that is taken, in bytes: it is held in memory until it is there as a whole, from whoever
 * sends it. libp2p's own have up to 64 KiB, ours up to {@link MAX_SENT_BYTES}.
 */
export const MAX_MESSAGE_BYTES: number = 1024 * 1024

/** Frames of which such a message may consist. Proxies may cut it; the implementations of libp2p do not. */
export const MAX_FRAGMENTS = 1024

/** Messages without content, pings and pongs that may come on one WebSocket at once. Above it the connection is cut. */
export const MAX_EMPTY_MESSAGES = 64

/** {@link MAX_EMPTY_MESSAGES} in the long run, a second. */
export const EMPTY_MESSAGES_PER_SECOND = 4

/** The largest WebSocket message that is sent, in bytes. */
export const MAX_SENT_BYTES: number = 256 * 1024

/**
 * What may wait in a WebSocket before no more is handed to it, in bytes. It has no order: a ping waits behind all of it, and has to
 * get through within `pingTimeout` also on a slow line.
 */
export const MAX_BUFFERED_BYTES: number = 256 * 1024

/** When more is handed to it again, in bytes. */
export const RESUME_BYTES: number = MAX_BUFFERED_BYTES / 2

/** How long the other side has to agree to the end of a connection, in ms. Then it is cut. */
export const CLOSE_TIMEOUT_MS = 1000

/** From a TCP connection to the end of its WebSocket handshake, TLS included, in ms. */
export const UPGRADE_TIMEOUT_MS = 10_000

/** TCP connections whose WebSocket handshake is under way; above it one is cut. */
export const MAX_UPGRADES = 64

/** {@link MAX_UPGRADES} for a single public host. */
export const MAX_UPGRADES_PER_HOST = 16

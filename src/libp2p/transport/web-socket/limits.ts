/**
 * The largest WebSocket message that is taken. Any remote can make the node hold this much, until the message is complete.
 *
 * libp2p's own messages have up to 64 KiB, ours up to {@link MAX_SENT_BYTES}.
 */
export const MAX_MESSAGE_BYTES: number = 1024 * 1024

/** Frames of which a WebSocket message may consist. Proxies may cut it; the implementations of libp2p do not. */
export const MAX_FRAGMENTS = 1024

/** Messages without content, pings and pongs that may come on one WebSocket at once. Above it the node cuts the connection. */
export const MAX_EMPTY_MESSAGES = 64

/** {@link MAX_EMPTY_MESSAGES} in the long run, a second. */
export const EMPTY_MESSAGES_PER_SECOND = 4

/** The largest WebSocket message that is sent. */
export const MAX_SENT_BYTES: number = 256 * 1024

/**
 * What may wait in a WebSocket before no more is handed to it.
 *
 * It has no order: a ping waits behind all of it, and has to get through within `pingTimeout` also on a slow line.
 */
export const MAX_BUFFERED_BYTES: number = 256 * 1024

/** What waits in a WebSocket when more is handed to it again. */
export const RESUME_BYTES: number = MAX_BUFFERED_BYTES / 2

/** How long the other side has to agree to the end of a WebSocket. Then the node cuts the connection. */
export const CLOSE_TIMEOUT_MS = 1000

/** From a TCP connection to the end of its WebSocket handshake, TLS included. */
export const UPGRADE_TIMEOUT_MS = 10_000

/**
 * TCP connections whose WebSocket handshake is under way.
 *
 * @remarks The newcomer stays. The node cuts the oldest of the host with the most, in the netgroup with the most.
 */
export const MAX_UPGRADES = 64

/**
 * {@link MAX_UPGRADES} for a single public host.
 *
 * @remarks The newcomer stays. The node cuts the oldest of that host.
 */
export const MAX_UPGRADES_PER_HOST = 16

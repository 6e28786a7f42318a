import { ItemStore } from './item-store.ts'
import type { Clock } from '../../util/clock.ts'

/**
 * Broadcasts that wait for a first peer, or for one that is between two sessions.
 *
 * @remarks The oldest transaction makes room, and where there is none the oldest block.
 */
export const MAX_PENDING_BROADCASTS = 1000

/**
 * Bytes of the broadcasts that wait for a first peer, in frames.
 *
 * @remarks The oldest transaction makes room, and where there is none the oldest block.
 */
export const MAX_PENDING_BROADCAST_BYTES: number = 8 * 1024 * 1024

/**
 * How long a broadcast waits for a first peer.
 *
 * @remarks The node drops it.
 */
export const PENDING_BROADCAST_TTL_MS: number = 30 * 1000

/**
 * Creates the store of pending broadcasts: those of a node without a ready peer, and those that a peer between two sessions has missed.
 * They are sent to peers that come soon, so a node that has just started, or has lost its only peer, loses nothing that it broadcasts.
 */
export function createPendingBroadcasts (clock: Clock): ItemStore {
  return new ItemStore(clock, { items: MAX_PENDING_BROADCASTS, bytes: MAX_PENDING_BROADCAST_BYTES, ttl: PENDING_BROADCAST_TTL_MS })
}

import { ItemStore } from './item-store.ts'
import type { Clock } from '../../util/clock.ts'

/**
 * Broadcasts that wait for a first peer, or for one that is between two sessions.
 *
 * @remarks The oldest transaction makes room, and where there is none the oldest block.
 */
export const MAX_HELD_BACK_ITEMS = 1000

/**
 * Bytes of the broadcasts that wait for a first peer, in frames.
 *
 * @remarks The oldest transaction makes room, and where there is none the oldest block.
 */
export const MAX_HELD_BACK_BYTES: number = 8 * 1024 * 1024

/**
 * How long a broadcast waits for a first peer.
 *
 * @remarks The node drops it.
 */
export const HELD_BACK_TTL_MS: number = 30 * 1000

/**
 * The broadcasts that nobody was there for, or that a peer between two sessions was not, to be sent to those who come: a node that has
 * just started, or has lost its only peer, loses nothing that is made meanwhile.
 */
export function createHeldBack (clock: Clock): ItemStore {
  return new ItemStore(clock, { items: MAX_HELD_BACK_ITEMS, bytes: MAX_HELD_BACK_BYTES, ttl: HELD_BACK_TTL_MS })
}

import { compareBytes } from '../util/bytes.ts'
import type { Direction } from '../types/peer.ts'

/** A session as the tie-break sees it. */
export interface Rival {
  direction: Direction
  /** How long it has been ready, in ms. */
  readyFor: number
  /** Whether it goes through a relay. */
  isRelayed: boolean
}

/** What decides between two sessions with the same peer. */
export interface TieBreakInit {
  /** The ids as bytes: both sides compare the same two, so both keep the same stream. */
  localId: Uint8Array
  remoteId: Uint8Array
  /** How long a dial that was begun before the first session was ready may take to show up as a second one, in ms. */
  raceWindow: number
}

/**
 * Whether a new session with a peer takes the place of the one that is ready.
 *
 * One over a direct connection does in place of one through a relay, and is not replaced by such a one: both sides see
 * which is which. Of two circuits that one side has opened, the newer one does. When both sides dialled at once, the stream
 * opened by the smaller peer id stays. A peer that opens another stream the same way, or long after any race, has lost the
 * first one without our noticing: the new one stays.
 */
export function isReplacedBy (existing: Rival, candidate: Rival, init: TieBreakInit): boolean {
  if (existing.isRelayed && !candidate.isRelayed) {
    return true
  }

  if (candidate.direction === 'inbound' && existing.readyFor > init.raceWindow) {
    return true
  }

  // it was opened before the direct one, and comes after it because the way through the relay is longer
  if (candidate.isRelayed && !existing.isRelayed) {
    return false
  }

  if (candidate.direction === existing.direction) {
    return candidate.direction === 'inbound' || existing.isRelayed
  }

  const winner: Direction = compareBytes(init.localId, init.remoteId) < 0 ? 'outbound' : 'inbound'

  return candidate.direction === winner
}

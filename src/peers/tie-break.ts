import { compareBytes } from '../util/bytes.ts'
import type { Direction } from '../types/peer.ts'

/** What of a session matters for the tie-break. */
export interface Rival {
  direction: Direction
  /** How long it has been ready, in ms. */
  readyFor: number
  /** Whether it goes through a relay. */
  isRelayed: boolean
}

/** Options of {@link isReplacedBy}. */
export interface TieBreakInit {
  /** The ids as bytes: both sides compare the same two, so both keep the same stream. */
  localId: Uint8Array
  remoteId: Uint8Array
  /** How long after the first session is ready a dial from before that may show up as a second session, in ms. */
  raceWindow: number
}

/**
 * Whether a new session with a peer replaces the one that is ready. Both sides decide for the same one of two streams. The first row that
 * fits decides:
 *
 * | the two sessions | the one that stays |
 * |---|---|
 * | the ready one goes through a relay, the new one is direct | the new one |
 * | the peer opens the new one long after both sides could have dialled at once | the new one: the peer has lost the other |
 * | the ready one is direct, the new one goes through a relay | the ready one |
 * | the peer has opened both | the new one: the peer has lost the other |
 * | this node has opened both, through relays | the new one: the other is about to be used up |
 * | this node has opened both | the ready one |
 * | each side has opened one | that of the side with the smaller peer id |
 */
export function isReplacedBy (existing: Rival, candidate: Rival, init: TieBreakInit): boolean {
  if (existing.isRelayed && !candidate.isRelayed) {
    return true
  }

  if (candidate.direction === 'inbound' && existing.readyFor > init.raceWindow) {
    return true
  }

  // it was opened before the direct one, and comes after it because the path through the relay is longer
  if (candidate.isRelayed && !existing.isRelayed) {
    return false
  }

  if (candidate.direction === existing.direction) {
    return candidate.direction === 'inbound' || existing.isRelayed
  }

  const winner: Direction = compareBytes(init.localId, init.remoteId) < 0 ? 'outbound' : 'inbound'

  return candidate.direction === winner
}

import { keysToShortDigests } from '../digest-key.ts'
import { isBusy } from '../send/delivery.ts'
import { encodeFrame } from '../../codec/frame.ts'
import { MAX_DIGESTS } from '../../codec/limits.ts'
import { encodeMessage } from '../../codec/message.ts'
import { circuitOf } from '../../session/circuit.ts'
import { budgetOf } from '../../session/limits/send-budget.ts'
import type { OnCounted } from './counts.ts'
import type { ReadyPeer } from '../peers.ts'

/**
 * Announces transactions to a peer by their short digests, as many as it may be told of now. Returns how many that were. A peer for which
 * much waits hears of none, and a circuit through a relay keeps half of its bytes for blocks.
 */
export function announceShort (peer: ReadyPeer, keys: readonly string[], onCounted?: OnCounted): number {
  const { session } = peer
  const circuit = circuitOf(session)

  if (keys.length === 0 || isBusy(peer) || (circuit.isLimited && circuit.room < circuit.capacity / 2)) {
    return 0
  }

  const budget = budgetOf(session)
  const count = Math.min(keys.length, budget.left('digests'))

  for (let at = 0; at < count; at += MAX_DIGESTS) {
    session.sendFrame('control', haveShortFrame(keys.slice(at, Math.min(count, at + MAX_DIGESTS))))
  }

  budget.take('digests', count)
  onCounted?.('announced', count)

  return count
}

/** A frame that announces items by their short digests. */
export function haveShortFrame (keys: readonly string[]): Uint8Array {
  return encodeFrame(encodeMessage({ type: 'have', digests: [], shortDigests: keysToShortDigests(keys) }))
}

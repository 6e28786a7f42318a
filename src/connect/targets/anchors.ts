import { HEALTHY_AFTER_MS } from '../dial/dialer.ts'
import type { Session } from '../../session/session.ts'

/**
 * How often the node notes who its anchors are. Only sessions that have lasted as long count then.
 *
 * A node that crashes has not said goodbye.
 */
export const ANCHORS_INTERVAL_MS: number = 10 * 60 * 1000

/**
 * The peer ids of those to be dialled first at the next start, the best first: outbound sessions that have lasted, those with a
 * useful block before the others, and of them the longest. Whoever comes to us is no anchor, or an attacker would be.
 */
export function pickAnchors (sessions: Iterable<Session>, lastedFor: number = HEALTHY_AFTER_MS): string[] {
  return [...sessions]
    .filter(({ direction, isRelayed, readyFor }) => direction === 'outbound' && !isRelayed && readyFor >= lastedFor)
    .sort((a, b) => Number(b.lastUsefulBlockAt != null) - Number(a.lastUsefulBlockAt != null) || b.readyFor - a.readyFor)
    .map(({ id }) => id)
}

import { isPermanent } from './target.ts'
import type { Target } from './target.ts'
import type { SessionManager } from '../../peers/manager/manager.ts'

/** How long the node does not dial a seed that led to a banned peer: it may lead elsewhere by then. */
export const FOUND_PEER_MAX_AGE_MS: number = 60 * 60 * 1000

/** The targets that are neither connected, nor being dialled, nor banned. */
export function candidatesOf (targets: Iterable<Target>, peers: Pick<SessionManager, 'find' | 'isKeptOut'>, now: number): Target[] {
  const all = [...targets]
  const reserved = new Set(all.filter(({ source }) => source === 'reserved').map(({ peerId }) => peerId))
  const seeds = new Set(all.filter(isGoodSeed).map(({ peerId }) => peerId))

  return all
    .filter((target) => isCandidate(target, peers, now))
    // a reserved peer or a seed stands for the other targets of the same peer
    .filter(({ source, peerId }) => peerId == null || source === 'reserved' || !reserved.has(peerId))
    .filter(({ source, peerId }) => peerId == null || isPermanent(source) || !seeds.has(peerId))
}

/** Whether something is so of one of the targets. There may be a thousand, and it is asked at each dial: the first one is enough. */
export function isAny (targets: Iterable<Target>, isSo: (target: Target) => boolean): boolean {
  for (const target of targets) {
    if (isSo(target)) {
      return true
    }
  }

  return false
}

/** Whether a target is neither connected, nor being dialled, nor banned. */
export function isCandidate (
  { key, isDialling, peerId, nextAttempt }: Target, peers: Pick<SessionManager, 'find' | 'isKeptOut'>, now: number
): boolean {
  if (isDialling || peerId == null) {
    return !isDialling
  }

  const isOld = key !== peerId && now - nextAttempt >= FOUND_PEER_MAX_AGE_MS

  return peers.find(peerId) == null && (isOld || !peers.isKeptOut({ id: peerId }))
}

/** Whether a seed is likely to lead to its peer: after a few failures the node tries other addresses of the peer too. */
export function isGoodSeed ({ source, peerId, failures }: Target): boolean {
  return source === 'seed' && peerId != null && failures < 3
}

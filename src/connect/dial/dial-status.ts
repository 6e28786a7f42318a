import { candidatesOf, isGoodSeed } from '../targets/candidates.ts'
import { isTaken } from '../targets/dial-order.ts'
import { isPermanent } from '../targets/target.ts'
import type { Target } from '../targets/target.ts'
import type { Session } from '../../session/session.ts'
import type { SessionManager } from '../../peers/manager/manager.ts'
import type { Clock } from '../../util/clock.ts'
import type { DialsStatus, DialState, DialStatus } from '../../types/status.ts'

/** Targets that a status lists. */
export const MAX_LISTED_TARGETS = 64

/** What a dialer knows when it is asked for its status. */
export interface DialerState {
  targets: Iterable<Target>
  peers: Pick<SessionManager, 'find' | 'isKeptOut'> & Iterable<Pick<Session, 'id'>>
  clock: Clock
  /** The netgroups of outbound sessions, and of dials under way. */
  taken: ReadonlySet<string>
  /** Dials under way. */
  underWay: number
  /** Whether a target that is not reserved would find a slot. */
  hasRoom: boolean
}

/** Whom a dialer dials, when next, and why not. */
export function dialsStatus (state: DialerState): DialsStatus {
  const known = [...state.targets]
  const all = withoutCopies(known)
  const ready = new Set(Array.from(state.peers, ({ id }) => id))
  const now = state.clock.now()
  const candidates = new Set(candidatesOf(known, state.peers, now))
  const rank = (target: Target): number => isPermanent(target.source) ? -2 : target.isDialling ? -1 : target.nextAttempt
  const first = all.sort((a, b) => rank(a) - rank(b)).slice(0, MAX_LISTED_TARGETS)

  return {
    underWay: state.underWay,
    known: all.length,
    targets: first.map((target) => targetStatus(target, stateOf(target, { ...state, ready, candidates, now }), now))
  }
}

/** The targets, without those that a seed or a reserved peer stands for: each peer once, as the operator has named it. */
function withoutCopies (targets: readonly Target[]): Target[] {
  const named = new Set(targets.filter((target) => target.source === 'reserved' || isGoodSeed(target)).map(({ peerId }) => peerId))

  return targets.filter(({ peerId, source }) => peerId == null || isPermanent(source) || !named.has(peerId))
}

/** {@link DialerState}, and what follows from it. */
interface Knowledge extends Pick<DialerState, 'peers' | 'taken' | 'hasRoom'> {
  ready: ReadonlySet<string>
  candidates: ReadonlySet<Target>
  now: number
}

function stateOf (target: Target, { ready, candidates, peers, taken, hasRoom, now }: Knowledge): DialState {
  const { peerId, isDialling, nextAttempt, source } = target

  if (isDialling) {
    return 'dialling'
  }

  if (peerId != null && (ready.has(peerId) || peers.find(peerId) != null)) {
    return 'connected'
  }

  if (!candidates.has(target)) {
    return peerId != null && peers.isKeptOut({ id: peerId }) ? 'banned' : 'covered'
  }

  if (nextAttempt > now) {
    return 'waiting'
  }

  if (isTaken(target, taken)) {
    return 'netgroup-taken'
  }

  return hasRoom || source === 'reserved' ? 'due' : 'no-slot'
}

function targetStatus (target: Target, state: DialState, now: number): DialStatus {
  const { key, peerId, addresses, source, origin, nextAttempt, failures, lastError, lastSuccess } = target

  return {
    target: key,
    peerId: peerId ?? null,
    addresses: [...addresses],
    source,
    origin,
    state,
    nextIn: state === 'dialling' || state === 'connected' ? null : Math.max(0, nextAttempt - now),
    failures,
    lastError: lastError ?? null,
    lastSuccess: lastSuccess < 0 ? null : lastSuccess
  }
}

import { backoff } from '../../util/backoff.ts'
import type { Backoff } from '../../util/backoff.ts'
import type { DisconnectReason } from '../../types/message.ts'

/** Why there is no session with somebody we dialled: what the wait before the next try depends on. */
export type FailureKind = 'unreachable' | 'full' | 'incompatible' | 'unwanted'

/** The policy for each kind of failure. */
export type BackoffPolicies = Record<FailureKind, Backoff>

const MINUTE_MS = 60_000
const HOUR_MS: number = 60 * MINUTE_MS

/** Even the luckiest draw waits this long, in ms. */
const SHORTEST_MS = 100

const KINDS: Partial<Record<DisconnectReason, FailureKind>> = {
  TOO_MANY_CONNECTIONS: 'full',
  // also what we say to whoever is of too little use
  UNSPECIFIED: 'full',
  INCOMPATIBLE_VERSION: 'incompatible',
  WRONG_NETWORK: 'incompatible',
  BANNED: 'unwanted',
  PROTOCOL_VIOLATION: 'unwanted',
  RATE_LIMITED: 'full'
}

/** The policies; only what may be passing is a matter of configuration, so that no remote can set our pace. */
export function backoffPolicies (config: { reconnectDelay: number, maxReconnectDelay: number }): BackoffPolicies {
  return {
    unreachable: { first: config.reconnectDelay, longest: config.maxReconnectDelay },
    full: { first: MINUTE_MS, longest: HOUR_MS },
    incompatible: { first: HOUR_MS, longest: HOUR_MS },
    unwanted: { first: HOUR_MS, longest: 24 * HOUR_MS }
  }
}

/** What the reason that a session ended with means for the next try. */
export function failureKind (reason: DisconnectReason | undefined): FailureKind {
  return (reason == null ? undefined : KINDS[reason]) ?? 'unreachable'
}

/**
 * How long to wait after the `failures`th failure in a row (from 1), in ms: evenly drawn below a ceiling that doubles, so
 * that those who lost the same peer at the same moment do not come back at the same moment. `random` is 0 to 1.
 */
export function backoffDelay (policy: Backoff, failures: number, random: number): number {
  const ceiling = backoff(policy, failures)

  // what is not passing needs no haste: half the wait is certain
  const floor = policy.first >= MINUTE_MS ? ceiling / 2 : Math.min(SHORTEST_MS, ceiling)

  return Math.max(floor, ceiling * random)
}

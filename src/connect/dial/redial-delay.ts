import { backoff } from '../../util/backoff.ts'
import type { Backoff } from '../../util/backoff.ts'
import type { DisconnectReason } from '../../types/message.ts'

/** Why a dial made no session. The delay before the next try depends on it. */
export type FailureKind = 'unreachable' | 'full' | 'incompatible' | 'unwanted'

/** The policy for each kind of failure. */
export type BackoffPolicies = Record<FailureKind, Backoff>

const MINUTE_MS = 60_000
const HOUR_MS: number = 60 * MINUTE_MS

/** The shortest delay that can be drawn, in ms. */
const SHORTEST_MS = 100

const KINDS: Partial<Record<DisconnectReason, FailureKind>> = {
  TOO_MANY_CONNECTIONS: 'full',
  // this node too says it to peers that are of too little use
  UNSPECIFIED: 'full',
  INCOMPATIBLE_VERSION: 'incompatible',
  WRONG_NETWORK: 'incompatible',
  WRONG_FORK: 'incompatible',
  BANNED: 'unwanted',
  PROTOCOL_VIOLATION: 'unwanted',
  RATE_LIMITED: 'full'
}

/** The policies. Only the one for failures that may pass is configurable: so a peer cannot make this node dial faster. */
export function backoffPolicies (config: { reconnectDelay: number, maxReconnectDelay: number }): BackoffPolicies {
  return {
    unreachable: { first: config.reconnectDelay, longest: config.maxReconnectDelay },
    full: { first: MINUTE_MS, longest: HOUR_MS },
    incompatible: { first: HOUR_MS, longest: HOUR_MS },
    unwanted: { first: HOUR_MS, longest: 24 * HOUR_MS }
  }
}

/** The kind of failure that the reason for the end of a session stands for. */
export function failureKind (reason: DisconnectReason | undefined): FailureKind {
  return (reason == null ? undefined : KINDS[reason]) ?? 'unreachable'
}

/**
 * The delay after the `failures`th failure in a row (from 1), in ms. It is drawn evenly below a ceiling that doubles: so nodes that lost
 * a peer at the same moment do not all come back at the same moment. `random` is 0 to 1.
 */
export function backoffDelay (policy: Backoff, failures: number, random: number): number {
  const ceiling = backoff(policy, failures)

  // a failure that does not pass soon needs no haste: half of the delay is certain
  const floor = policy.first >= MINUTE_MS ? ceiling / 2 : Math.min(SHORTEST_MS, ceiling)

  return Math.max(floor, ceiling * random)
}

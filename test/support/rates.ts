import { knownBodies, readEnvelope } from '../../src/codec/envelope.ts'
import { encodeMessage } from '../../src/codec/message.ts'
import { SendBudget } from '../../src/session/limits/send-budget.ts'
import { FEATURES } from '../../src/types/features.ts'
import type { Clock } from '../../src/util/clock.ts'
import type { RateGuard } from '../../src/session/limits/rate-limits.ts'
import type { RateLimits } from '../../src/types/limits.ts'
import type { WireMessage } from '../../src/types/message.ts'

const NONE = { perSecond: Infinity, burst: Infinity }

/** Limits of which only these are finite. */
export function ratesOf (rates: Partial<RateLimits>): RateLimits {
  return { transactions: NONE, blocks: NONE, blocksAsked: NONE, digests: NONE, pings: NONE, others: NONE, bytes: NONE, ...rates }
}

/** The budget of whoever sends to a peer with these limits. */
export function budgetFor (clock: Clock, rates: Partial<RateLimits>): SendBudget {
  return new SendBudget(ratesOf(rates), clock)
}

/** Has a message come, and returns for how long nothing is to be read after it, in ms. */
export function receive (guard: RateGuard, message: WireMessage): number {
  const bytes = encodeMessage(message)

  return guard.onMessage(readEnvelope(bytes, knownBodies(FEATURES)), bytes.byteLength)
}

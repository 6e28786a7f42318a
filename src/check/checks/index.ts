import { ANNOUNCEMENT_CHECKS } from './items/announcements.ts'
import { ANSWER_CHECKS } from './blocks/answers.ts'
import { BLOCK_ONLY_CHECKS } from './items/block-only.ts'
import { COMPACT_CHECKS } from './items/compact.ts'
import { CONNECTION_CHECKS } from './stream/connection.ts'
import { DIAL_CHECKS } from './sessions/dials.ts'
import { END_CHECKS } from './sessions/ends.ts'
import { FEATURE_CHECKS } from './items/features.ts'
import { FIELD_CHECKS } from './stream/fields.ts'
import { FORK_CHECKS } from './handshake/forks.ts'
import { FRAME_CHECKS } from './stream/frames.ts'
import { HANDSHAKE_CHECKS } from './handshake/handshake.ts'
import { ISOLATION_CHECKS } from './sessions/isolation.ts'
import { ITEM_CHECKS } from './items/items.ts'
import { LIMIT_CHECKS } from './sessions/limits.ts'
import { MESSAGE_CHECKS } from './stream/messages.ts'
import { NEGOTIATION_CHECKS } from './handshake/negotiation.ts'
import { PAIR_CHECKS } from './sessions/pairs.ts'
import { PING_CHECKS } from './sessions/pings.ts'
import { RANGE_ANSWER_CHECKS } from './blocks/range-answers.ts'
import { REFUSAL_CHECKS } from './handshake/refusals.ts'
import { REQUEST_CHECKS } from './blocks/requests.ts'
import { SHORT_DIGEST_CHECKS } from './items/short-digests.ts'
import { TRANSPORT_CHECKS } from './stream/transport.ts'
import { VECTOR_CHECKS } from './vectors.ts'
import type { Check } from '../check.ts'

/** Every check, in the order of docs/protocol.md. */
export const CHECKS: readonly Check[] = [
  ...CONNECTION_CHECKS, ...TRANSPORT_CHECKS, ...FRAME_CHECKS, ...MESSAGE_CHECKS,
  ...HANDSHAKE_CHECKS, ...REFUSAL_CHECKS, ...NEGOTIATION_CHECKS, ...FORK_CHECKS, ...FIELD_CHECKS,
  ...ITEM_CHECKS, ...ANNOUNCEMENT_CHECKS, ...SHORT_DIGEST_CHECKS, ...FEATURE_CHECKS, ...COMPACT_CHECKS, ...BLOCK_ONLY_CHECKS,
  ...REQUEST_CHECKS, ...ANSWER_CHECKS, ...RANGE_ANSWER_CHECKS, ...PING_CHECKS, ...LIMIT_CHECKS, ...END_CHECKS,
  ...PAIR_CHECKS, ...DIAL_CHECKS, ...ISOLATION_CHECKS, ...VECTOR_CHECKS
]

/** The checks whose id or section has one of these patterns in it, in any case; `*` stands for anything. All where there are none. */
export function selectChecks (patterns: readonly string[]): Check[] {
  const tests = patterns.map((pattern) => {
    const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))

    return new RegExp(pattern.includes('*') ? `^${parts.join('.*')}$` : parts.join(''), 'i')
  })

  return CHECKS.filter(({ id, section }) => tests.length === 0 || tests.some((test) => test.test(id) || test.test(section)))
}

import type { SpanRequest } from './span-request.ts'

/** Who of two has lost, and whether it was first and kept everybody waiting. */
export interface RaceResult {
  loser: SpanRequest
  isLate: boolean
}

/**
 * The end of a race between two that are to send the same, when one of them has sent something: whoever has sent nothing
 * new by then has lost, and otherwise whoever did not complete it. `undefined` while it goes on.
 */
export function settleRace (sender: SpanRequest): RaceResult | undefined {
  const loser = [...sender.span.requests].find((request) => request !== sender)

  if (loser == null || sender.gained === 0 || (loser.gained > 0 && !sender.span.isComplete)) {
    return undefined
  }

  return { loser, isLate: loser.startedAt < sender.startedAt && loser.gained < sender.gained }
}

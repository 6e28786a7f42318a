import { failureKind } from './backoff.ts'
import { DisconnectedError } from '../../errors.ts'
import type { FailureKind } from './backoff.ts'

/** What came of a dial without a session: `self` where the address led back to us, `late` where others had taken the slot. */
export type DialVerdict = FailureKind | 'self' | 'late'

/** What an error of a dial means for the next try. */
export function classifyDialError (error: unknown): DialVerdict {
  const errors = flatten(error)

  if (errors.some(({ message }) => /\bdial self\b/.test(message))) {
    return 'self'
  }

  // a node that starts or stops takes connections and does not speak our protocol: it is unreachable like one that is down
  const disconnected = errors.find((err) => err instanceof DisconnectedError)

  if (disconnected?.reason === 'TOO_MANY_CONNECTIONS' && !disconnected.byRemote) {
    return 'late'
  }

  return failureKind(disconnected?.reason)
}

/** An error with those that it was made of, as libp2p makes one of a try of several addresses. Each once: they may go in circles. */
function flatten (error: unknown, found = new Set<Error>()): Error[] {
  if (error instanceof Error && !found.has(error)) {
    found.add(error)
    const parts = error instanceof AggregateError ? error.errors : [error.cause]
    parts.forEach((part) => flatten(part, found))
  }

  return [...found]
}

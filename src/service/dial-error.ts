import { failureKind } from './backoff.ts'
import { DisconnectedError } from '../errors.ts'
import type { FailureKind } from './backoff.ts'

/** What an error of a dial means for the next try; `self` where the address led back to us. */
export function classifyDialError (error: unknown): FailureKind | 'self' {
  const errors = flatten(error)

  if (errors.some(({ message }) => /\bdial self\b/.test(message))) {
    return 'self'
  }

  // a node that starts or stops takes connections and does not speak our protocol: it is unreachable like one that is down
  const disconnected = errors.find((err) => err instanceof DisconnectedError)

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

import type { Attack } from './attacks.ts'
import type { Outcome } from './measure.ts'

/** How long an honest peer may wait for a pong, in ms. */
export const MAX_PONG_MS = 1000

/** What memory may be in use during an attack that was not before, in bytes. */
export const MAX_GROWN_BYTES: number = 64 * 1024 ** 2

/** What may be left of it afterwards, in bytes. */
export const MAX_LEFT_BYTES: number = 16 * 1024 ** 2

/** How long a connection may live that is to be cut, in ms. */
export const MAX_LIFE_MS = 2000

/** What of an outcome is not as it should be. */
export function judge ({ isCut }: Pick<Attack, 'isCut'>, outcome: Outcome): string[] {
  const faults = [
    outcome.connections === 0 && 'never connected',
    outcome.pongMs > MAX_PONG_MS && 'a pong was late',
    outcome.grownBytes > MAX_GROWN_BYTES && 'memory has grown',
    outcome.leftBytes > MAX_LEFT_BYTES && 'memory is left',
    isCut && outcome.cuts < outcome.connections - 1 && 'not every connection was cut',
    isCut && outcome.longestMs > MAX_LIFE_MS && 'a connection has lived too long'
  ]

  return faults.filter((fault) => fault !== false)
}

import { VibeCoinError } from '../../errors.ts'
import { backoff } from '../../util/backoff.ts'
import type { Backoff } from '../../util/backoff.ts'
import type { Clock } from '../../util/clock.ts'
import type { Awaitable } from '../../types/chain.ts'

/**
 * How often the node reads a block once more for a peer, where the application's chain or handler fails.
 *
 * @remarks The peer is told that the block is not there, or gets the blocks before it. A `storage:fault` tells of it.
 */
export const READ_RETRIES = 4

/** How long the node waits before it reads once more, in ms: 0.75 s in all, less than a peer waits before it asks another one. */
export const READ_PAUSE: Backoff = { first: 50, longest: 400 }

/** Options of {@link readAgain}. */
export interface ReadAgainInit {
  clock: Clock
  /** Whether what is read is still wanted, after a pause. Without it, it is. */
  isWanted?: () => boolean
}

/**
 * What `read` gives, which is called again up to {@link READ_RETRIES} times where it throws or rejects: a database may only be busy.
 * Throws its last error. An error of this package is thrown at once: what was read is wrong, or the network has stopped.
 */
export async function readAgain<Result> (read: () => Awaitable<Result>, { clock, isWanted = () => true }: ReadAgainInit): Promise<Result> {
  for (let failures = 1; ; failures++) {
    try {
      return await read()
    } catch (err) {
      if (failures > READ_RETRIES || err instanceof VibeCoinError) {
        throw err
      }

      await new Promise<void>((resolve) => { clock.setTimeout(resolve, backoff(READ_PAUSE, failures)) })

      if (!isWanted()) {
        throw err
      }
    }
  }
}

import { StorageError, errorMessage } from '../../errors.ts'
import { isChainLeft } from '../../sync/chain/chain-gate.ts'
import type { Clock } from '../../util/clock.ts'

/** Options of {@link firstAnswer}. */
export interface FirstAnswerInit {
  clock: Clock
  /** How long the chain may take, in ms. */
  ms: number
  /** What the chain could not do, such as `tell its tip`. */
  what: string
  /** Called where the chain fails after that. It must not throw. */
  onLate: (error: unknown) => void
}

/**
 * What a chain answers while the node starts; `undefined` where it takes longer than `ms`. Throws a {@link StorageError} where it fails
 * before.
 */
export async function firstAnswer<Answer> (
  answer: Promise<Answer>, { clock, ms, what, onLate }: FirstAnswerInit
): Promise<Answer | undefined> {
  const patience = Promise.withResolvers<undefined>()
  let isLate = false
  const timer = clock.setTimeout(() => {
    isLate = true
    patience.resolve(undefined)
  }, ms)
  answer.catch((err: unknown) => {
    if (isLate) {
      onLate(err)
    }
  })

  try {
    return await Promise.race([answer, patience.promise])
  } catch (err) {
    throw isChainLeft(err)
      ? err
      : new StorageError(`The chain could not ${what} while the node started: ${errorMessage(err)}. Repair the chain, and start again`, { cause: err })
  } finally {
    clock.clearTimeout(timer)
  }
}

import { VibeCoinError, errorMessage } from '../errors.ts'

/** What LevelDB said is the cause of the error that a failed opening throws. Errors of this package speak for themselves. */
function levelError (error: unknown): unknown {
  return error instanceof Error && !(error instanceof VibeCoinError) && error.cause != null ? error.cause : error
}

/** The code of what LevelDB threw, such as `LEVEL_LOCKED`. */
export function levelCode (error: unknown): string | undefined {
  const code = (levelError(error) as { code?: unknown } | null)?.code

  return typeof code === 'string' ? code : undefined
}

/** What went wrong, in words. */
export function levelReason (error: unknown): string {
  return errorMessage(levelError(error))
}

import { VibeCoinError, errorMessage } from '../errors.ts'

/** LevelDB's own error: where opening has failed it is the cause. An error of this package is taken as it is. */
function levelError (error: unknown): unknown {
  return error instanceof Error && !(error instanceof VibeCoinError) && error.cause != null ? error.cause : error
}

/** The code of LevelDB's error, such as `LEVEL_LOCKED`. */
export function levelCode (error: unknown): string | undefined {
  const code = (levelError(error) as { code?: unknown } | null)?.code

  return typeof code === 'string' ? code : undefined
}

/** The message of LevelDB's error. */
export function levelReason (error: unknown): string {
  return errorMessage(levelError(error))
}

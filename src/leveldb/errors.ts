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

/** What LevelDB begins the message of an error of the disk with: the path of a file, which lies in the location that the caller names. */
const FILE_OF_ERROR = /^IO error: .*: (?=[^:]+$)/s

/** The message of LevelDB's error, without the path of the file. */
export function levelReason (error: unknown): string {
  return errorMessage(levelError(error)).replace(FILE_OF_ERROR, '')
}

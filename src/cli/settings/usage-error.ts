/** A command line, variable or file that cannot be understood. The message is one sentence. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

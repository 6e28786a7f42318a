/** The `code` of an error of Node.js or LevelDB. */
export function errorCode (error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code

  return typeof code === 'string' ? code : undefined
}

/**
 * What a devnet tells one of its nodes, as a line of JSON on its standard input: to report the ways of transactions from now on, to pay
 * something, or to follow a transaction.
 */
export type ParentCommand = { command: 'watch' | 'pay' } | { command: 'follow', id: string }

const ID = /^[\da-f]{64}$/

/** A command as a line. */
export function toCommandLine (command: ParentCommand): string {
  return `${JSON.stringify(command)}\n`
}

/** The command in a line; `undefined` where there is none. */
export function fromCommandLine (line: string): ParentCommand | undefined {
  try {
    const { command, id } = JSON.parse(line) as Record<string, unknown>

    if (command === 'watch' || command === 'pay') {
      return { command }
    }

    return command === 'follow' && typeof id === 'string' && ID.test(id) ? { command, id } : undefined
  } catch {
    return undefined
  }
}

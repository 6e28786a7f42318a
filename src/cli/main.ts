import { CommanderError } from 'commander'
import { COMMANDS } from './commands/commands.ts'
import { cleanText, errorText } from './output/format.ts'
import { paint } from './output/paint.ts'
import { createProgram } from './program.ts'
import { UsageError } from './settings/usage-error.ts'
import type { Command } from 'commander'

const FAILED = 1
const WRONG_USAGE = 2

/**
 * Runs the command of these arguments and resolves to the exit code of the process: 0 ok, 1 failed, 2 wrong usage.
 * Never rejects: an error becomes one line on stderr, with its stack where the environment has DEBUG.
 */
export async function main (args: string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  const { program, exitCode } = createProgram(COMMANDS, env)

  try {
    await parse(program, args)

    return exitCode()
  } catch (err) {
    process.stderr.write(`${paint('red', 'vibecoin-network:', process.stderr)} ${describeError(err)}\n`)

    if (env['DEBUG'] != null && err instanceof Error) {
      process.stderr.write(`${err.stack ?? ''}\n`)
    }

    if (!(err instanceof Error) || (err.name !== 'UsageError' && err.name !== 'ConfigError')) {
      return FAILED
    }

    const command = program.commands.some((command) => command.name() === args[0]) ? `${args[0]} ` : ''
    process.stderr.write(`Try: vibecoin-network ${command}--help\n`)

    return WRONG_USAGE
  }
}

/** Throws a {@link UsageError} for what the parser does not understand. Its help and version are no error. */
async function parse (program: Command, args: string[]): Promise<void> {
  if (args.length === 0) {
    throw new UsageError(`Expected a command: ${program.commands.map((command) => command.name()).join(', ')}`)
  }

  try {
    await program.parseAsync(args, { from: 'user' })
  } catch (err) {
    if (!(err instanceof CommanderError)) {
      throw err
    }

    if (err.exitCode !== 0) {
      throw new UsageError(toSentence(err.message), { cause: err.cause })
    }
  }
}

/** `error: unknown option '--lisen'` and a suggestion on the next line become one sentence. */
function toSentence (message: string): string {
  const text = message.replace(/^error: /, '').replace(/\n\(Did you mean ([^)]*)\)$/, ', did you mean $1').replace(/\.$/, '')

  return `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}`
}

/** One line: the message, and those of the errors behind it. A message may have a stack in it. */
function describeError (err: unknown): string {
  const messages: string[] = []

  for (let error = err; error != null && messages.length < 4; error = error instanceof Error ? error.cause : undefined) {
    const lines = errorText(error).split('\n')
    const text = lines.map((line) => line.trim()).filter((line) => !line.startsWith('at ')).join(' ')

    // a message that has its cause in it says it once
    if (!messages.some((message) => message.endsWith(text))) {
      messages.push(text)
    }
  }

  return cleanText(messages.join(': ').replace(/\s+/g, ' '), 1000)
}

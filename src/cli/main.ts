import { parseCommand } from './args/args.ts'
import { cleanText, errorText } from './output/format.ts'
import type { Command } from './args/args.ts'

const FAILED = 1
const WRONG_USAGE = 2

/**
 * Runs the command of these arguments and resolves to the exit code of the process: 0 ok, 1 failed, 2 wrong usage.
 * Never rejects: an error becomes one line on stderr, with its stack where the environment has DEBUG.
 */
export async function main (args: string[]): Promise<number> {
  try {
    return await run(parseCommand(args))
  } catch (err) {
    process.stderr.write(`vibecoin-network: ${describeError(err)}\n`)

    if (process.env['DEBUG'] != null && err instanceof Error) {
      process.stderr.write(`${err.stack ?? ''}\n`)
    }

    if (!(err instanceof Error) || (err.name !== 'UsageError' && err.name !== 'ConfigError')) {
      return FAILED
    }

    const command = 'command' in err ? String(err.command) : args[0] ?? ''
    process.stderr.write(`Try: vibecoin-network ${command === '' ? '' : `${command} `}--help\n`)

    return WRONG_USAGE
  }
}

async function run (command: Command): Promise<number> {
  switch (command.name) {
    case 'help':
      process.stdout.write(command.text)
      return 0
    case 'version': {
      const { VERSION } = await import('../index.ts')
      process.stdout.write(`${VERSION}\n`)
      return 0
    }
    case 'start': {
      const { runStart } = await import('./start.ts')
      return runStart(command.options)
    }
    case 'devnet': {
      const { runDevnet } = await import('./devnet/devnet.ts')
      return runDevnet(command.options)
    }
  }
}

/** One line: the message, and those of the errors behind it. A message may have a stack in it. */
function describeError (err: unknown): string {
  const messages: string[] = []

  for (let error = err; error != null && messages.length < 4; error = error instanceof Error ? error.cause : undefined) {
    const lines = errorText(error).split('\n')
    messages.push(lines.map((line) => line.trim()).filter((line) => !line.startsWith('at ')).join(' '))
  }

  return cleanText(messages.join(': ').replace(/\s+/g, ' '), 1000)
}

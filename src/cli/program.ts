import { styleText } from 'node:util'
import { Command } from 'commander'
import { VERSION } from '../version.ts'

/** What a command of the program is added to. */
export interface Cli {
  program: Command
  env: NodeJS.ProcessEnv
  /**
   * Makes the action of a command of a function that resolves to the exit code. What it throws becomes a line on stderr and exit code 1,
   * or 2 for a `UsageError` or `ConfigError`.
   */
  run: <Args extends unknown[]> (action: (...args: Args) => Promise<number>) => (...args: Args) => Promise<void>
}

/**
 * Adds a command: each stands in a file of its own in `commands/`, and in the list of `commands/commands.ts`. It loads what it runs with
 * `import()` in its action, so that a command loads nothing of the others.
 */
export type AddCommand = (cli: Cli) => void

/** A program that is ready to parse, and the exit code of its action. */
export interface Program { program: Command, exitCode: () => number }

/** Columns of the help. Longer lines are hard to read, however wide the terminal is. */
const MAX_HELP_COLUMNS = 100

/** Makes the program of these commands. Throws in the place of an exit, and writes nothing of errors. */
export function createProgram (commands: readonly AddCommand[], env: NodeJS.ProcessEnv): Program {
  let exitCode = 0
  const program = new Command('vibecoin-network')
    .description('Runs nodes of a VibeCoin network, and asks running ones.')
    .version(VERSION, '--version', 'Show the version.')
    .helpOption('-h, --help', 'Show this help.')
    .helpCommand('help [command]', 'Show the help of a command.')
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({
      outputError: () => {},
      getOutHelpWidth: () => Math.min(process.stdout.columns ?? MAX_HELP_COLUMNS, MAX_HELP_COLUMNS)
    })
    .configureHelp({
      styleTitle: (text) => styleText('bold', text, { validateStream: false }),
      styleOptionTerm: (text) => styleText('cyan', text, { validateStream: false }),
      styleSubcommandTerm: (text) => styleText('cyan', text, { validateStream: false })
    })
  const cli: Cli = {
    program,
    env,
    run: (action) => async (...args) => { exitCode = await action(...args) }
  }

  commands.forEach((add) => { add(cli) })

  return { program, exitCode: () => exitCode }
}

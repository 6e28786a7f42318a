import { Option } from 'commander'
import { addFlags, readFlags } from '../settings/flags.ts'
import { readEnvironment, unknownVariables } from '../settings/environment.ts'
import { checkNeeded, resolveSettings } from '../settings/given.ts'
import { FILE_SETTINGS, START_SETTINGS, VARIABLE_SETTINGS } from '../start/settings.ts'
import type { AddCommand } from '../program.ts'
import type { Given, Resolved } from '../settings/given.ts'
import type { StartOptions } from '../start/settings.ts'
import type { Command } from 'commander'

const HELP_AFTER = `
A setting may also be a variable, as VIBECOIN_MAX_INBOUND for --max-inbound, or a key of the file of
--config, as max-inbound. A flag goes before a variable, and a variable before the file. --no-relay
turns a switch off. A variable that is a list has commas or spaces in it.`

/** `vibecoin-network start`: runs one node until the operator stops it. */
export const addStart: AddCommand = ({ program, run, env }) => {
  const command = program.command('start')
    .summary('Run one node until Ctrl-C.')
    .description(
      'Runs one node of a test network until Ctrl-C: it keeps a chain, relays blocks and transactions, and serves and fetches blocks. ' +
      'Peers are told when it stops. A second Ctrl-C ends it at once.'
    )
    .addHelpOption(new Option('-h, --help', 'Show this help.').helpGroup('Node:'))
    .addHelpText('after', HELP_AFTER)

  addFlags(command, START_SETTINGS)
  command.action(run(async () => {
    const resolved = await readSettings(command, env)

    if (resolved.options.printConfig) {
      const { printConfig } = await import('../start/print-config.ts')
      return printConfig(resolved, process.stdout)
    }

    const { runStart } = await import('../start/start.ts')

    return runStart(resolved)
  }))
}

async function readSettings (command: Command, env: NodeJS.ProcessEnv): Promise<Resolved<StartOptions>> {
  const flag = readFlags(command, START_SETTINGS)
  const environment = readEnvironment(VARIABLE_SETTINGS, env)
  const { options: { config } } = resolveSettings(START_SETTINGS, { flag, environment })

  for (const warning of unknownVariables(VARIABLE_SETTINGS, env)) {
    process.stderr.write(`vibecoin-network: ${warning}\n`)
  }

  const file = config == null ? {} : { file: await readFile(config) }
  const resolved = resolveSettings(START_SETTINGS, { flag, environment, ...file })
  checkNeeded(START_SETTINGS, resolved)

  return resolved
}

async function readFile (path: string): Promise<Given> {
  const { readSettingsFile } = await import('../settings/file.ts')

  return readSettingsFile(FILE_SETTINGS, path)
}

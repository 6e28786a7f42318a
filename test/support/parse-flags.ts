import { Command } from 'commander'
import { addFlags, readFlags } from '../../src/cli/settings/flags.ts'
import { resolveSettings } from '../../src/cli/settings/given.ts'
import type { Settings } from '../../src/cli/settings/setting.ts'

/** The options of a command with these flags. Throws where the command would end with an error. */
export function parseFlags<Options> (settings: Settings<Options>, args: string[]): Options {
  const command = new Command().exitOverride().configureOutput({ outputError: () => {} })
  addFlags(command, settings)
  command.parse(args, { from: 'user' })

  return resolveSettings(settings, { flag: readFlags(command, settings) }).options
}

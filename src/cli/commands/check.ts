import { CHECK_SETTINGS } from '../check/settings.ts'
import { addFlags, readFlags } from '../settings/flags.ts'
import { resolveSettings } from '../settings/given.ts'
import type { AddCommand } from '../program.ts'

const HELP_AFTER = `
Exit code: 0 when nothing has failed, 1 when something has, 2 for wrong usage, 3 when there is no
node to check, 130 after Ctrl-C. docs/guide/conformance.md says how to read what is printed.

MANNERS of --list: polite; rude, which a node may hold against a peer; ban, which it may ban for.`

/** `vibecoin-network check`: checks a node of any implementation against docs/protocol.md. */
export const addCheck: AddCommand = ({ program, run }) => {
  const command = program.command('check')
    .summary('Check a node of any implementation against the protocol.')
    .description(
      'Checks whether the node at an address keeps to docs/protocol.md. Each check says which sentence it tests. Some do what a node bans ' +
      'for: use --gentle on a node that others use, and a test network otherwise.'
    )
    .argument('[address]', 'multiaddr of the node, such as /ip4/127.0.0.1/tcp/8765')
    .addHelpText('after', HELP_AFTER)

  addFlags(command, CHECK_SETTINGS)
  command.action(run(async (address: string | undefined) => {
    const { options } = resolveSettings(CHECK_SETTINGS, { flag: readFlags(command, CHECK_SETTINGS) })
    const { runCheck } = await import('../check/check.ts')

    return runCheck(address, options)
  }))
}

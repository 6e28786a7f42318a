import { checkPorts, DEVNET_SETTINGS } from '../devnet/settings.ts'
import { addFlags, readFlags } from '../settings/flags.ts'
import { checkNeeded, resolveSettings } from '../settings/given.ts'
import type { AddCommand } from '../program.ts'

/** `vibecoin-network devnet`: runs a network of nodes on this machine. */
export const addDevnet: AddCommand = ({ program, run }) => {
  const command = program.command('devnet')
    .summary('Run a network of nodes on this machine, each a process of its own.')
    .description(
      'Runs a network on this machine: each node is a process with its own chain and identity, connected over TCP and Noise. ' +
      'One makes blocks of signed transactions, the others verify them. One joins late and catches up; one is killed, restarted and seen ' +
      'reconnecting. A terminal shows a live table, anything else gets lines.'
    )
    .addHelpText('after', '\nExit code: 0 when it ended as asked, 1 with the reason when it did not.')

  addFlags(command, DEVNET_SETTINGS)
  command.action(run(async () => {
    const resolved = resolveSettings(DEVNET_SETTINGS, { flag: readFlags(command, DEVNET_SETTINGS) })
    const { options } = resolved
    checkNeeded(DEVNET_SETTINGS, resolved)
    checkPorts(options)
    const { runDevnet } = await import('../devnet/devnet.ts')

    return runDevnet(options)
  }))
}

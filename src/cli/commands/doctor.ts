import { DOCTOR_SETTINGS } from '../doctor/settings.ts'
import { addFlags, readFlags } from '../settings/flags.ts'
import { resolveSettings } from '../settings/given.ts'
import { START_SETTINGS } from '../start/settings.ts'
import type { AddCommand } from '../program.ts'

const HELP_AFTER = `
Exit code: 0 when others can reach the node, 1 when they cannot or it cannot listen, 2 for wrong
usage, 3 when it cannot be told, 130 after Ctrl-C.`

/** `vibecoin-network doctor`: tells whether others can reach a node on this machine. */
export const addDoctor: AddCommand = ({ program, run }) => {
  const command = program.command('doctor')
    .summary('Tell whether others can reach a node on this machine, and what to do.')
    .description(
      'Runs a node for a while, without a chain: it listens, has the gateway open the port, connects to seeds, and asks peers to dial it ' +
      'back (AutoNAT). Stop the node that listens here before. The seeds have to run with --autonat.'
    )
    .addHelpText('after', HELP_AFTER)

  addFlags(command, DOCTOR_SETTINGS)
  command.action(run(async () => {
    const flag = readFlags(command, DOCTOR_SETTINGS)
    const { options } = resolveSettings(DOCTOR_SETTINGS, { flag })
    const { runDoctor } = await import('../doctor/doctor.ts')

    return runDoctor(options, resolveSettings(START_SETTINGS, { flag }))
  }))
}

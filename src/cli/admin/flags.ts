import { Option } from 'commander'
import type { Command } from 'commander'

/** Gives a command the flags that every command has which asks a running node. */
export function addAskFlags (command: Command): Command {
  return command
    .addOption(new Option('--data-dir <DIR>', 'The directory of the running node (default VIBECOIN_DATA_DIR).'))
    .addOption(new Option('--json', 'One line of JSON instead of text.'))
}

import { addCheck } from './check.ts'
import { addDevnet } from './devnet.ts'
import { addStart } from './start.ts'
import type { AddCommand } from '../program.ts'

/** All commands, in the order of the help. */
export const COMMANDS: readonly AddCommand[] = [addStart, addDevnet, addCheck]

import { addCheck } from './check.ts'
import { addBan, addBandwidth, addBans, addConnect, addDisconnect, addUnban } from './control.ts'
import { addDevnet } from './devnet.ts'
import { addDoctor } from './doctor.ts'
import { addBlocks, addDials, addPeer, addPeers, addStatus } from './inspect.ts'
import { addStart } from './start.ts'
import { addTop } from './top.ts'
import type { AddCommand } from '../program.ts'

/** All commands, in the order of the help. */
export const COMMANDS: readonly AddCommand[] = [
  addStart, addDevnet, addDoctor, addCheck, addStatus, addPeers, addPeer, addDials, addBlocks, addTop, addBans, addBan, addUnban,
  addConnect, addDisconnect, addBandwidth
]

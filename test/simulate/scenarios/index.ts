import { fork, withholding } from './faults.ts'
import { flashCrowd } from './joining.ts'
import type { Scenario } from '../scenario.ts'

/** The scenarios, by what they are called on the command line. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = { withholding, fork, 'flash-crowd': flashCrowd }

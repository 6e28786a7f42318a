import { agreement } from './agreement.ts'
import { churn } from './churn.ts'
import { compact } from './compact.ts'
import { deadPeers } from './dead-peers.ts'
import { eclipse } from './eclipse.ts'
import { flashCrowd } from './flash-crowd.ts'
import { fork } from './fork.ts'
import { oneSeed } from './one-seed.ts'
import { partition } from './partition.ts'
import { poisonedTable } from './poisoned-table.ts'
import { propagation } from './propagation.ts'
import { steady } from './steady.ts'
import { uplink } from './uplink.ts'
import { withholding } from './withholding.ts'
import type { Scenario } from '../scenario.ts'

/** The scenarios, by what they are called on the command line. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  propagation,
  steady,
  uplink,
  compact,
  churn,
  partition,
  eclipse,
  'one-seed': oneSeed,
  'poisoned-table': poisonedTable,
  withholding,
  fork,
  'flash-crowd': flashCrowd,
  'dead-peers': deadPeers,
  agreement
}

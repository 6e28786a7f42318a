import { BROKEN_COMPACT } from './broken/compact.ts'
import { BROKEN_CONNECTIONS } from './broken/connections.ts'
import { BROKEN_FEATURES } from './broken/features.ts'
import { RECEIVES_WRONGLY } from './broken/receives.ts'
import { SENDS_WRONGLY } from './broken/sends.ts'
import { BROKEN_SESSIONS } from './broken/sessions.ts'
import type { BrokenNode } from './broken/broken-node.ts'

/** Nodes that are broken on purpose: each has to be caught by the check that is named for it. */
export const BROKEN_NODES: readonly BrokenNode[] = [
  ...BROKEN_CONNECTIONS, ...SENDS_WRONGLY, ...RECEIVES_WRONGLY, ...BROKEN_SESSIONS, ...BROKEN_FEATURES, ...BROKEN_COMPACT
]

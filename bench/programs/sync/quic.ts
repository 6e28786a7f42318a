import { memoryStore } from './memory-store.ts'
import { sync } from './ours.ts'
import { listenOn } from '../transport.ts'
import type { Transfer } from '../transfer.ts'

/** This package over QUIC. */
export const syncQuic: Transfer = sync(memoryStore, { listen: listenOn('quic') })

import { memoryStore } from './memory-store.ts'
import { sync } from './ours.ts'
import type { Transfer } from '../transfer.ts'

/** Both ends have it: each is a process of its own. */
const KEY = `/key/swarm/psk/1.0.0/\n/base16/\n${'a1'.repeat(32)}\n`

/** This package in a private network. */
export const syncPrivate: Transfer = sync(memoryStore, { privateNetworkKey: KEY })

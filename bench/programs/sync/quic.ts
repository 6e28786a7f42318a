import { memoryStore } from './memory-store.ts'
import { sync } from './ours.ts'
import type { Transfer } from '../transfer.ts'

/** This package over QUIC. */
export const syncQuic: Transfer = sync(memoryStore, { listen: ['/ip4/127.0.0.1/udp/0/quic-v1'] })

import { setTimeout as delay } from 'node:timers/promises'
import { GENESIS_HASH } from '../integration/nodes.ts'
import { locationOfIp } from '../../src/address/location.ts'
import { startNetworkWith } from '../../src/start-network.ts'

/** What the node of dead-peers.ts tells at its end. */
export interface DeadPeersReport {
  /** When each session was ready after the start, in ms. */
  sessions: number[]
  /** Of the process, in ms. */
  cpu: number
}

// Runs one node for dead-peers.ts, which has it in a process of its own.

const { directory, seconds } = JSON.parse(process.argv[2]!) as { directory: string, seconds: number }
const begin = performance.now()
const sessions: number[] = []
// each host of loopback counts as being in a network of its own
const node = await startNetworkWith({ listen: [], network: 'vibecoin-test', genesisHash: GENESIS_HASH, dataDir: directory }, undefined, {
  locationOfIp: (ip) => ({ ...locationOfIp(ip), ...(ip.startsWith('127.') ? { host: ip, netgroup: ip } : {}) })
})
node.addEventListener('peer:ready', () => { sessions.push(performance.now() - begin) })
await delay(seconds * 1000)
const { user, system } = process.cpuUsage()
await node.stop()
process.send!({ sessions, cpu: (user + system) / 1000 } satisfies DeadPeersReport, () => { process.exit() })

import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { GENESIS_HASH } from '../integration/nodes.ts'
import { locationOfIp } from '../../src/address/location.ts'
import { startNetworkWith } from '../../src/start-network.ts'

/** What a process of dead-peers.ts does: it runs a node for so many seconds, or connects to a port again and again. */
export type DeadPeersOrder = { directory: string, seconds: number } | { port: number, connections: number }

/** What it tells at its end. Times are in ms. */
export interface DeadPeersReport {
  /** When each session was ready after the start. */
  sessions: number[]
  /** Dials that have failed. */
  failed: number
  /** Processor time, without that of loading the modules. */
  cpu: number
}

const order = JSON.parse(process.argv[2]!) as DeadPeersOrder
const loaded = process.cpuUsage()
const report = 'port' in order ? await connectBarely(order) : await runNode(order)
process.send!(report, () => { process.exit() })

/** What was used since the modules were loaded, in ms. */
function cpu (): number {
  const { user, system } = process.cpuUsage(loaded)

  return (user + system) / 1000
}

async function runNode ({ directory, seconds }: { directory: string, seconds: number }): Promise<DeadPeersReport> {
  const begin = performance.now()
  const sessions: number[] = []
  let failed = 0
  // each host of loopback counts as being in a network of its own
  const node = await startNetworkWith({ listen: [], network: 'vibecoin-test', genesisHash: GENESIS_HASH, dataDir: directory }, undefined, {
    locationOfIp: (ip) => ({ ...locationOfIp(ip), ...(ip.startsWith('127.') ? { host: ip, netgroup: ip } : {}) })
  })
  node.addEventListener('peer:ready', () => { sessions.push(performance.now() - begin) })
  node.addEventListener('dial:failed', () => { failed++ })
  await delay(seconds * 1000)
  const report = { sessions, failed, cpu: cpu() }
  await node.stop()

  return report
}

/** What Node.js alone takes for as many connections, whether they are refused or not. */
async function connectBarely ({ port, connections }: { port: number, connections: number }): Promise<DeadPeersReport> {
  for (let i = 0; i < connections; i++) {
    const socket = connect({ host: `127.${1 + i % 200}.1.1`, port })
    await new Promise((resolve) => { socket.once('connect', resolve).once('error', resolve) })
    socket.destroy()
  }

  return { sessions: [], failed: connections, cpu: cpu() }
}

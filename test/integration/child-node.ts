import { writeSync } from 'node:fs'
import { addressOf, startNode } from './nodes.ts'
import type { ChildReport } from './node-process.ts'
import type { NetworkConfig } from '../../src/index.ts'

// A node in a process of its own, for tests that kill or freeze it: the config comes as JSON in the first argument,
// reports go out as messages. See node-process.ts for the other side.

const STDOUT = 1

/** Without its parent it has no reason to be. */
const onDisconnect = (): void => { process.exit(1) }

function report (message: ChildReport): void {
  process.send?.(message)
}

process.on('disconnect', onDisconnect)

const network = await startNode(JSON.parse(process.argv[2] ?? '{}') as Partial<NetworkConfig>)

network.addEventListener('peer:ready', ({ detail }) => { report({ event: 'ready', peer: detail.id }) })
network.addEventListener('peer:closed', ({ detail }) => { report({ event: 'closed', peer: detail.peer.id, reason: detail.reason }) })

/** Stops the node. What is left has to end by itself; how long that takes is the last thing that is said. */
async function stop (): Promise<void> {
  await network.stop()
  const stoppedAt = performance.now()
  const resources = process.getActiveResourcesInfo()
  process.once('exit', () => { writeSync(STDOUT, JSON.stringify({ msToExit: performance.now() - stoppedAt, resources })) })
  process.off('disconnect', onDisconnect)
  process.disconnect()
}

process.once('message', () => { void stop() })

report({ event: 'started', id: network.libp2p.peerId.toString(), address: network.libp2p.getMultiaddrs().length > 0 ? addressOf(network) : '' })

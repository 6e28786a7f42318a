import { writeSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { statusOf } from './node-status.ts'
import { addressOf, startNode } from './nodes.ts'
import { growChain, MemoryChain } from '../support/memory-chain.ts'
import { sampleChain } from '../support/sample.ts'
import { encodeBlock } from '../../src/index.ts'
import type { ChildCommand, ChildInit, ChildReport } from './node-process.ts'

// A node in a process of its own, for tests that kill or freeze it: the config comes as JSON in the first argument,
// reports go out as messages. See node-process.ts for the other side.

const STDOUT = 1

/** How often it is looked whether the chain has grown, in ms. */
const TIP_INTERVAL_MS = 25

/** Without its parent it has no reason to be. */
const onDisconnect = (): void => { process.exit(1) }

function report (message: ChildReport): void {
  process.send?.(message)
}

process.on('disconnect', onDisconnect)

const { config, chain: chainInit } = JSON.parse(process.argv[2] ?? '{}') as Omit<ChildInit, 'host'>
const chain = chainInit == null ? undefined : new MemoryChain(sampleChain(chainInit.length, chainInit.fork, chainInit.proofBytes))
const network = await startNode({ ...config, ...(chain == null ? {} : { chain, genesisHash: chain.blocks[0]!.hash }) })

network.addEventListener('peer:ready', ({ detail: { id, address } }) => {
  report({ event: 'ready', peer: id, address, peers: [...network.peers].length })
})

network.addEventListener('peer:closed', ({ detail: { peer, reason } }) => {
  report({ event: 'closed', peer: peer.id, reason, peers: [...network.peers].length })
})

/** Stops the node. What is left has to end by itself; how long that takes is the last thing that is said. */
async function stop (): Promise<void> {
  await network.stop()
  const stoppedAt = performance.now()
  const resources = process.getActiveResourcesInfo()
  report({ event: 'stopped', resources })
  process.once('exit', () => { writeSync(STDOUT, JSON.stringify({ msToExit: performance.now() - stoppedAt, resources })) })
  process.off('disconnect', onDisconnect)
  process.disconnect()
}

process.on('message', (command: ChildCommand) => {
  if (command === 'stop') {
    void stop()
  } else if (command === 'status') {
    report({ event: 'status', status: statusOf(network) })
  } else if ('beginRange' in command) {
    void network.requestBlockRange(0, command.beginRange).next().then(() => { report({ event: 'taken' }) })
  } else if ('stall' in command) {
    // as a callback of the application would that has much to compute
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, command.stall)
    report({ event: 'stalled' })
  } else if (chain != null) {
    const block = growChain([chain.head], 1, command.make)[1]!
    chain.push([{ block, bytes: encodeBlock(block) }])
    network.broadcast({ type: 'newBlock', block })
  }
})

if (chain != null) {
  let told = ''

  setInterval(() => {
    const { height } = chain.head
    const hash = Buffer.from(chain.head.hash).toString('hex')

    if (hash !== told) {
      told = hash
      report({ event: 'tip', height, hash })
    }
  }, TIP_INTERVAL_MS).unref()
}

// at the end it would take seconds on a busy machine, and tests look at how long the end takes
flushCompileCache()
report({ event: 'started', id: network.libp2p.peerId.toString(), address: network.libp2p.getMultiaddrs().length > 0 ? addressOf(network) : '' })

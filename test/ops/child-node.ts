// A node in a process of its own, with metrics and pages over HTTP, whose faults the test asks for. See devnet.ts for the other side.

import { Registry } from 'prom-client'
import { startNode } from '../integration/nodes.ts'
import { MemoryChain, sampleChain } from '../../src/testing/index.ts'
import { serveStatus } from '../../src/http/http.ts'
import { prometheusMetrics } from '../../src/prometheus/prometheus.ts'
import type { ChildCommand, ChildInit } from './devnet.ts'

const { name, httpPort, chainLength, config } = JSON.parse(process.argv[2] ?? '{}') as ChildInit
const registry = new Registry()
const chain = new MemoryChain(sampleChain(chainLength))
let throws = false

// a synchronisation that lasts longer than from one scrape to the next
chain.break({ kind: 'slow', on: ['verify'], ms: 5 })

const network = await startNode({
  ...config,
  chain,
  genesisHash: chain.blocks[0]!.hash,
  metrics: prometheusMetrics({ registry, node: name }),
  handlers: {
    newTransaction: () => {
      if (throws) {
        throw new Error('a bug')
      }
    }
  }
})

await serveStatus(network, { port: httpPort, registry })
process.on('disconnect', () => { process.exit(1) })

process.on('message', (command: ChildCommand) => {
  if ('mine' in command) {
    for (let i = 0; i < command.mine; i++) {
      network.broadcast({ type: 'newBlock', block: chain.mine(name) })
    }
  } else if ('pay' in command) {
    const { transactions: [transaction] } = chain.blocks[1]!
    network.broadcast({ type: 'newTransaction', transaction: { ...transaction!, nonce: BigInt(command.pay) } })
  } else if ('break' in command) {
    chain.break(command.break)
  } else if ('throws' in command) {
    throws = command.throws
  } else if ('stall' in command) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, command.stall)
  } else {
    chain.repair()
  }
})

process.send?.('started')

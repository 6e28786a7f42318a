// The node that is attacked, in a process of its own. Says where it listens, and what memory it has: `victim.ts [relay|ADDRESS]`. A
// relay lets others through; with the address of one, the node listens through that.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { check } from './crowd.ts'
import { locationOfIp } from '../support/loopback-hosts.ts'
import { eventually } from '../support/eventually.ts'
import { GENESIS_HASH } from '../integration/nodes.ts'
import { sampleBlock, sampleHash } from '../support/sample.ts'
import { startNetworkWith } from '../../src/start-network.ts'

/** How often its memory is looked at, in ms. */
const SAMPLE_MS = 50

/** What a victim says: where it is, and then each time that it is asked. */
export type VictimReport = { addresses: string[] } | { usedBytes: number, peakBytes: number, rssBytes: number }

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const used = (): number => {
  const { heapUsed, arrayBuffers } = process.memoryUsage()

  return heapUsed + arrayBuffers
}

const relay = process.argv[2]

const network = await startNetworkWith({
  listen: ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0/ws'],
  ...relay == null ? {} : relay === 'relay' ? { nat: { relayServer: true } } : { nat: { relay: true }, seedPeers: [relay] },
  network: 'vibecoin-test',
  genesisHash: GENESIS_HASH,
  rateLimits: { pings: { perSecond: 10_000, burst: 10_000 }, blocks: { perSecond: 10_000, burst: 10_000 } },
  handlers: {
    newTransaction: check,
    // the block that answers one of an even height
    newBlock: ({ height }) => {
      if (height % 2 === 0) {
        setImmediate(() => { network.broadcast({ type: 'newBlock', block: sampleBlock({ height: height + 1, hash: sampleHash(`answer ${height}`) }) }) })
      }
    }
  }
}, undefined, { locationOfIp })

let peakBytes = 0
setInterval(() => { peakBytes = Math.max(peakBytes, used()) }, SAMPLE_MS).unref()

const report = (what: VictimReport): void => { process.send?.(what) }

process.on('message', () => {
  collect()
  collect()
  report({ usedBytes: used(), peakBytes, rssBytes: process.memoryUsage.rss() })
  peakBytes = 0
})
process.on('disconnect', () => { process.exit() })

/** Where it is to be attacked. */
function addresses (): string[] {
  const all = network.libp2p.getMultiaddrs().map(String)
  const relayed = all.filter((address) => address.includes('/p2p-circuit'))

  return relay == null || relay === 'relay' ? all : relayed
}

await eventually(() => addresses().length > 0, 'an address')
report({ addresses: addresses() })

import { startNetwork } from 'vibecoin-network'
import { MemoryChain, sampleChain, sampleTransaction } from 'vibecoin-network/testing'
import type { Network } from 'vibecoin-network'

// What each runtime runs, with the package as it is installed: a node that synchronises over TCP with one in the Node.js of the tests,
// and one that synchronises with the first over WebSockets. Each step is a line on stdout; see matrix.spec.ts for the other side.

interface Task { seed: string, network: string, dataDir: string, blocks: number, isEnded: boolean }

const { seed, network, dataDir, blocks, isEnded } = JSON.parse(process.argv.at(-1) ?? '') as Task
const [genesis] = sampleChain(1)
const chains = [new MemoryChain([genesis!]), new MemoryChain([genesis!])]

function say (step: string): void {
  console.log(JSON.stringify({ step }))
}

/** Resolves when a node has a block of this height. */
async function untilHeight (node: Network, height: number): Promise<void> {
  const isThere = (): boolean => (node.status().tip?.height ?? 0) >= height

  await new Promise<void>((resolve) => {
    const look = (): void => {
      if (isThere()) {
        resolve()
      }
    }

    node.addEventListener('block', look)
    node.addEventListener('sync:end', look)
    look()
  })
}

const common = { network, genesisHash: genesis!.hash }
const first = await startNetwork({
  ...common, dataDir, chain: chains[0], seedPeers: [seed], listen: ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0/ws']
})
await untilHeight(first, blocks)
say('tcp')

const seedPeers = first.libp2p.getMultiaddrs().map(String).filter((address) => address.includes('/ws/'))
const second = await startNetwork({ ...common, chain: chains[1], seedPeers, listen: [] })
await untilHeight(second, blocks)
say('ws')

// the other side makes a block now, which comes over both
await untilHeight(second, blocks + 1)
second.broadcast({ type: 'newTransaction', transaction: sampleTransaction() })
say('relay')

// and takes the transaction
await new Promise((resolve) => { process.stdin.once('data', resolve) })
process.stdin.destroy()
await second.stop()
await first.stop()
say('stop')

if (isEnded) {
  process.exit()
}

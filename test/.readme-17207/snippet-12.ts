import { startNetwork } from '../../src/index.ts'
import type { Network } from '../../src/index.ts'

const common = { network: 'vibecoin-example', genesisHash: new Uint8Array(32), listen: ['/ip4/127.0.0.1/tcp/0'], discovery: { dht: true } }
const seed = await startNetwork(common)
const seedPeers = seed.libp2p.getMultiaddrs().map(String)
const nodes = await Promise.all([1, 2].map(async () => startNetwork({ ...common, seedPeers })))

// both know the seed only, and find each other through the DHT
await Promise.all(nodes.map(async (node) => untilPeers(node, 2)))
console.log(nodes.map((node) => [...node.peers].length)) // [ 2, 2 ]
await Promise.all([seed, ...nodes].map(async (node) => node.stop()))

async function untilPeers (node: Network, count: number): Promise<void> {
  while ([...node.peers].length < count) {
    await new Promise((resolve) => { node.addEventListener('peer:ready', resolve, { once: true }) })
  }
}

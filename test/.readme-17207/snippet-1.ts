import { startNetwork } from '../../src/index.ts'
import type { Peer } from '../../src/index.ts'

const common = { listen: ['/ip4/127.0.0.1/tcp/0'], network: 'vibecoin-example', genesisHash: new Uint8Array(32) }
const alice = await startNetwork({ ...common, nodeId: 'alice' })
const arrival = new Promise<Peer>((resolve) => {
  alice.addEventListener('peer:ready', ({ detail }) => { resolve(detail) })
})

const bob = await startNetwork({ ...common, nodeId: 'bob', seedPeers: alice.libp2p.getMultiaddrs().map(String) })
const { nodeId, id, direction } = await arrival
console.log(`${nodeId} (${id}) is here, ${direction}`) // bob (12D3KooW...) is here, inbound
await Promise.all([alice.stop(), bob.stop()])

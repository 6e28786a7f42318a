import { startNetwork } from '../../src/index.ts'

const network = await startNetwork({ listen: ['/ip4/127.0.0.1/tcp/0'], genesisHash: new Uint8Array(32) })

for (const { id, nodeId, direction, bestHeight, rtt } of network.peers) {
  console.log(id, nodeId, direction, bestHeight, rtt)
}

console.log(network.peers.counts) // { inbound: 0, outbound: 0, pending: 0, reserved: 0 }

const id = '12D3KooWGaNs8rXF8SWqEc4KiK3oSEcTEDjstUoe49m9E9CxfWdd'
network.peers.get(id) // the peer, if it has a ready session
network.peers.disconnect(id, 'maintenance') // false: there is no session with it
await network.stop()

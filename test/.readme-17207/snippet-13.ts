import { startNetwork } from '../../src/index.ts'
import type { Network } from '../../src/index.ts'

const common = { network: 'vibecoin-example', genesisHash: new Uint8Array(32), listen: ['/ip4/127.0.0.1/tcp/0'] }

// a node that everybody can reach, which lends others its reach
const relay = await startNetwork({ ...common, nat: { relayServer: true } })

// one that nobody can: it asks the relays among its peers for an address at which they take calls for it
const home = await startNetwork({
  ...common, nodeId: 'home', nat: { relay: true, holePunch: true, upnp: true }, seedPeers: relay.libp2p.getMultiaddrs().map(String)
})
const address = await relayedAddressOf(home)

// and one that calls it there
const caller = await startNetwork({ ...common, listen: [], nat: { relay: true, holePunch: true } })
const peer = await caller.connect(address)
console.log(peer.nodeId, peer.address.includes('/p2p-circuit')) // home true
await Promise.all([caller.stop(), home.stop(), relay.stop()])

async function relayedAddressOf (node: Network): Promise<string> {
  const find = () => node.libp2p.getMultiaddrs().map(String).find((address) => address.includes('/p2p-circuit'))

  while (find() == null) {
    await new Promise((resolve) => { node.libp2p.addEventListener('transport:listening', resolve, { once: true }) })
  }

  return find()!
}

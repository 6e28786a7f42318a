import { createPrivateNetworkKey, startNetwork } from '../../src/index.ts'

const privateNetworkKey = createPrivateNetworkKey() // once, then to be kept secret and given to every node
const genesisHash = new Uint8Array(32).fill(1)
const a = await startNetwork({ listen: ['/ip4/127.0.0.1/tcp/0'], genesisHash, privateNetworkKey })
const b = await startNetwork({ listen: [], genesisHash, privateNetworkKey })
await b.connect(a.libp2p.getMultiaddrs()[0]!.toString())

const stranger = await startNetwork({ listen: [], genesisHash, privateNetworkKey: createPrivateNetworkKey() })

try {
  await stranger.connect(a.libp2p.getMultiaddrs()[0]!.toString())
} catch (err) {
  console.log((err as Error).name) // PrivateNetworkError
}

await Promise.all([a.stop(), b.stop(), stranger.stop()])

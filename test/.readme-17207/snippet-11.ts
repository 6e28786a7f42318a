import { startNetwork } from '../../src/index.ts'

const genesisHash = new Uint8Array(32).fill(1)
const node = await startNetwork({ genesisHash, listen: ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0/ws'] })
const address = node.libp2p.getMultiaddrs().map(String).find((address) => address.includes('/ws/'))

const other = await startNetwork({ genesisHash, listen: [], seedPeers: [address!] })
await Promise.all([other.stop(), node.stop()])

import { startNetwork } from '../../src/index.ts'

const network = await startNetwork({
  dataDir: '/var/lib/my-node/network',
  network: 'vibecoin-example',
  genesisHash: new Uint8Array(32),
  nodeId: 'my-node',
  seedPeers: ['/dns4/seed.example.org/tcp/8765', '/dnsaddr/seeds.example.org'],
  announce: ['/dns4/my-node.example.org/tcp/8765']
})

process.once('SIGTERM', () => { void network.stop() })

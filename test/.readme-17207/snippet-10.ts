import { startNetwork } from '../../src/index.ts'

const network = await startNetwork({
  listen: ['/ip4/127.0.0.1/tcp/0'], genesisHash: new Uint8Array(32), bandwidth: { upload: 1_000_000, peerUpload: 250_000 }
})

network.setBandwidth({ upload: Infinity, download: 5_000_000 }) // at once, also for what waits
console.log(network.bandwidth) // { upload: Infinity, download: 5000000, peerUpload: 250000, peerDownload: Infinity }
await network.stop()

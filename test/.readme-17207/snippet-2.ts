import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { createLibp2p } from 'libp2p'
import { vibecoin } from '../../src/index.ts'

const libp2p = await createLibp2p({
  addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] }, transports: [tcp()], connectionEncrypters: [noise()],
  streamMuxers: [yamux({ streamOptions: { maxStreamWindowSize: 2 * 1024 * 1024 } })],
  connectionMonitor: { enabled: false },
  services: { identify: identify(), vibecoin: vibecoin({ genesisHash: new Uint8Array(32) }) }
})
console.log(libp2p.services.vibecoin.peers.counts)
await libp2p.stop()

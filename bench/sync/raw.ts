import { randomFillSync } from 'node:crypto'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { pEvent } from 'p-event'
import { STREAM_BUFFER_BYTES, STREAM_WINDOW_BYTES } from '../../src/start-network.ts'
import type { Contender } from '../contender.ts'
import type { Libp2p } from '@libp2p/interface'

const PROTOCOL = '/vibecoin-bench/raw/1.0.0'

/** Sends of half and of four times this size are no faster. */
const SEND_BYTES = 256 * 1024

/** What a libp2p stream carries at best, on the same stack: large sends of the same bytes, and nobody looks at what arrives. */
export const raw: Contender = {
  receive: async () => {
    const node = await createNode(['/ip4/127.0.0.1/tcp/0'])
    let count = 0

    await node.handle(PROTOCOL, (stream) => {
      stream.addEventListener('message', ({ data }) => { count += data.byteLength })
    })

    return {
      address: node.getMultiaddrs()[0]!.toString(),
      count: () => count,
      stop: async () => { await node.stop() }
    }
  },

  send: async (address, signal) => {
    const node = await createNode([])
    const stream = await node.dialProtocol(multiaddr(address), PROTOCOL)
    const bytes = randomFillSync(new Uint8Array(SEND_BYTES))

    while (!signal.aborted) {
      if (!stream.send(bytes)) {
        await pEvent(stream, 'drain', { rejectionEvents: ['close'] })
      }
    }

    await node.stop()
  }
}

async function createNode (listen: string[]): Promise<Libp2p> {
  return createLibp2p({
    addresses: { listen },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux({ streamOptions: { maxStreamWindowSize: STREAM_WINDOW_BYTES, maxReadBufferLength: STREAM_BUFFER_BYTES } })],
    connectionMonitor: { enabled: false }
  })
}

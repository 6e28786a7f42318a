import { hash } from 'node:crypto'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { decode, encode } from 'it-length-prefixed'
import { createLibp2p } from 'libp2p'
import { pEvent } from 'p-event'
import { transactions } from './sample.ts'
import { decodeMessage, encodeMessage } from '../../src/index.ts'
import type { Contender } from '../contender.ts'
import type { Libp2p } from '@libp2p/interface'

const PROTOCOL = '/vibecoin-bench/naive/1.0.0'

/** As many as the other contender remembers. */
const MAX_SEEN = 65_536

/**
 * What the guides to libp2p show: `for await` over the stream on one side, one `send()` for each message on the other.
 * With the same checks: what was sent or received before is known by its digest.
 */
export const naive: Contender = {
  receive: async () => {
    const node = await createNode(['/ip4/127.0.0.1/tcp/0'])
    const seen = new Set<string>()
    let count = 0

    await node.handle(PROTOCOL, async (stream) => {
      for await (const frame of decode(stream)) {
        const bytes = frame.subarray()
        const digest = hash('sha256', bytes)

        if (seen.has(digest)) {
          continue
        }

        remember(seen, digest)

        if (decodeMessage(bytes).message?.type === 'newTransaction') {
          count++
        }
      }
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
    const seen = new Set<string>()
    let sent = 0

    for (const transaction of transactions()) {
      if (signal.aborted) {
        break
      }

      const bytes = encodeMessage({ type: 'newTransaction', transaction })
      remember(seen, hash('sha256', bytes))

      if (!stream.send(encode.single(bytes))) {
        await pEvent(stream, 'drain', { rejectionEvents: ['close'] })
      }

      // lets the signal through, and the event loop have its turn
      if (++sent % 1000 === 0) {
        await new Promise((resolve) => { setImmediate(resolve) })
      }
    }

    await node.stop()
  }
}

function remember (seen: Set<string>, digest: string): void {
  seen.add(digest)

  if (seen.size > MAX_SEEN) {
    seen.clear()
  }
}

async function createNode (listen: string[]): Promise<Libp2p> {
  return createLibp2p({
    addresses: { listen },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false }
  })
}

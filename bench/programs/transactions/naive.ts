import { hash } from 'node:crypto'
import { multiaddr } from '@multiformats/multiaddr'
import { decode, encode } from 'it-length-prefixed'
import { pEvent } from 'p-event'
import { transactions } from './sample.ts'
import { MAX_SEEN, remember } from './seen.ts'
import { createStack } from '../stack.ts'
import { decodeMessage, encodeMessage } from '../../../src/index.ts'
import type { Transfer } from '../transfer.ts'

const PROTOCOL = '/vibecoin-bench/naive/1.0.0'

/**
 * What the guides to libp2p show: `for await` over the stream on one side, one `send()` for each message on the other.
 * With the same checks: what was sent or received before is known by its digest.
 */
export const naive: Transfer = {
  receive: async () => {
    const node = await createStack({ isListening: true, streamOptions: {} })
    const seen = new Set<string>()
    let count = 0

    await node.handle(PROTOCOL, async (stream) => {
      for await (const frame of decode(stream)) {
        const bytes = frame.subarray()
        const digest = hash('sha256', bytes)

        if (seen.has(digest)) {
          continue
        }

        remember(seen, digest, MAX_SEEN)

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
    const node = await createStack({ isListening: false, streamOptions: {} })
    const stream = await node.dialProtocol(multiaddr(address), PROTOCOL)
    const seen = new Set<string>()
    let sent = 0

    for (const transaction of transactions()) {
      if (signal.aborted) {
        break
      }

      const bytes = encodeMessage({ type: 'newTransaction', transaction })
      remember(seen, hash('sha256', bytes), MAX_SEEN)

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

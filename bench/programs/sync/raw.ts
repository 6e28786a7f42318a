import { randomFillSync } from 'node:crypto'
import { multiaddr } from '@multiformats/multiaddr'
import { pEvent } from 'p-event'
import { createStack } from '../stack.ts'
import type { StackInit } from '../stack.ts'
import type { Transfer } from '../transfer.ts'

const PROTOCOL = '/vibecoin-bench/raw/1.0.0'

/** Sends of half and of four times this size are no faster. */
const SEND_BYTES = 256 * 1024

/**
 * What a libp2p stream carries at best: large sends of the same bytes, and nobody looks at what arrives. With what `startNetwork`
 * chooses for Yamux and Noise, unless told otherwise.
 */
export function raw (options: Pick<StackInit<never>, 'streamOptions' | 'hasOurTcp'> = {}): Transfer {
  return {
    receive: async () => {
      const node = await createStack({ isListening: true, ...options })
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
      const node = await createStack({ isListening: false, ...options })
      const stream = await node.dialProtocol(multiaddr(address), PROTOCOL)
      const bytes = randomFillSync(new Uint8Array(SEND_BYTES))

      while (!signal.aborted) {
        if (!stream.send(bytes)) {
          await pEvent(stream, 'drain', { rejectionEvents: ['close'] })
        }

        // a stream that takes everything must not keep the signal out
        await new Promise((resolve) => { setImmediate(resolve) })
      }

      await node.stop()
    }
  }
}

import { multiaddr } from '@multiformats/multiaddr'
import { encode } from 'it-length-prefixed'
import { pEvent } from 'p-event'
import { FRAME_BYTES, transactions } from './sample.ts'
import { createStack } from '../stack.ts'
import { encodeMessage } from '../../../src/index.ts'
import type { Transfer } from '../transfer.ts'

const PROTOCOL = '/vibecoin-bench/joined/1.0.0'

const JOINED_BYTES = 64 * 1024

/** Frames that are encoded before anything is measured, and sent again and again. */
const FRAMES = 4096

/** What a stream carries at best: frames that are there are joined into sends of 64 KiB, and counted where they arrive, by their bytes. */
export const joined: Transfer = {
  receive: async () => {
    const node = await createStack({ isListening: true })
    let bytes = 0

    await node.handle(PROTOCOL, (stream) => {
      stream.addEventListener('message', ({ data }) => { bytes += data.byteLength })
    })

    return {
      address: node.getMultiaddrs()[0]!.toString(),
      count: () => Math.floor(bytes / FRAME_BYTES),
      stop: async () => { await node.stop() }
    }
  },

  send: async (address, signal) => {
    const node = await createStack({ isListening: false })
    const stream = await node.dialProtocol(multiaddr(address), PROTOCOL)
    const frames = [...encodedFrames()]
    let next = 0

    while (!signal.aborted) {
      const batch = new Uint8Array(Math.floor(JOINED_BYTES / FRAME_BYTES) * FRAME_BYTES)

      for (let offset = 0; offset < batch.byteLength; offset += FRAME_BYTES) {
        batch.set(frames[next++ % FRAMES]!, offset)
      }

      if (!stream.send(batch)) {
        await pEvent(stream, 'drain', { rejectionEvents: ['close'] })
      }

      await new Promise((resolve) => { setImmediate(resolve) })
    }

    await node.stop()
  }
}

function * encodedFrames (): Generator<Uint8Array, void> {
  const source = transactions()

  for (let count = 0; count < FRAMES; count++) {
    yield encode.single(encodeMessage({ type: 'newTransaction', transaction: source.next().value })).subarray()
  }
}

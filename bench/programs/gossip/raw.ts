import { multiaddr } from '@multiformats/multiaddr'
import { pEvent } from 'p-event'
import { createStack } from '../stack.ts'
import { encodeBlock, encodeTransaction } from '../../../src/index.ts'
import type { GossipInit, GossipNode } from './node.ts'
import type { Stream, StreamMessageEvent } from '@libp2p/interface'

const PROTOCOL = '/vibecoin-bench/forward/1.0.0'

/** Sends that are larger are no faster. */
const SEND_BYTES = 256 * 1024

/**
 * The same bytes on streams of libp2p: what comes in goes out on the streams that this node has opened, as it is. An item has arrived
 * with the last of its bytes.
 */
export async function startRaw ({ onItem }: GossipInit): Promise<GossipNode> {
  const node = await createStack({ isListening: true })
  const outgoing: Stream[] = []
  let itemBytes = 0
  let received = 0
  let items = 0

  await node.handle(PROTOCOL, (stream) => {
    let header: number | undefined

    stream.addEventListener('message', ({ data }) => {
      // the first four bytes on a stream are the size of its items
      header ??= new DataView(data.subarray(0, 4).buffer, data.subarray(0, 4).byteOffset).getUint32(0)
      itemBytes = header
      received += data.byteLength
      forward(stream, outgoing, data)

      while (received >= (items + 1) * itemBytes) {
        onItem('newBlock', ++items)
      }
    })
  })

  return {
    address: node.getMultiaddrs()[0]!.toString(),
    peers: () => node.getConnections().length,
    connect: async (address) => { outgoing.push(await node.dialProtocol(multiaddr(address), PROTOCOL)) },
    publish: async (message) => {
      const bytes = message.type === 'newBlock' ? encodeBlock(message.block) : encodeTransaction(message.transaction)
      new DataView(bytes.buffer, bytes.byteOffset).setUint32(0, bytes.byteLength)

      for (let offset = 0; offset < bytes.byteLength; offset += SEND_BYTES) {
        for (const stream of outgoing) {
          if (!stream.send(bytes.subarray(offset, offset + SEND_BYTES))) {
            await pEvent(stream, 'drain', { rejectionEvents: ['close'] })
          }
        }
      }
    },
    stop: async () => { await node.stop() }
  }
}

function forward (from: Stream, to: Stream[], bytes: StreamMessageEvent['data']): void {
  for (const stream of to) {
    if (!stream.send(bytes)) {
      from.pause()
      stream.addEventListener('drain', () => { from.resume() }, { once: true })
    }
  }
}

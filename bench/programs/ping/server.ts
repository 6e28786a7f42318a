import { ping } from '@libp2p/ping'
import { pEvent } from 'p-event'
import { NO_LIMITS } from '../limits.ts'
import { createStack } from '../stack.ts'
import { encodedBlocks, NETWORK, shapeOf } from '../sync/blocks.ts'
import { memoryStore } from '../sync/memory-store.ts'
import { listenOn } from '../transport.ts'
import { startNetwork } from '../../../src/index.ts'
import type { Transport } from '../transport.ts'
import type { Answers } from '../../workers/program.ts'

/** Which pings are measured: those of a session of ours, or @libp2p/ping. */
export type PingKind = 'ours' | 'libp2p'

/** What a stream is opened under on which nothing but bytes come. */
export const BULK_PROTOCOL = '/vibecoin-bench/bulk/1.0.0'

/** Large enough that a download of it takes a while. */
const SHAPE = shapeOf({ blocks: 1024 })

const SEND_BYTES = 256 * 1024

/** Answers pings, and has something to be fetched meanwhile. */
export async function server ({ kind, transport = 'tcp' }: { kind: PingKind, transport?: Transport }): Promise<Answers> {
  if (kind === 'ours') {
    const network = await startNetwork({
      ...NETWORK, ...NO_LIMITS, listen: listenOn(transport), chain: await memoryStore.open(SHAPE)
    })

    return { address: () => network.libp2p.getMultiaddrs()[0]!.toString(), stop: async () => { await network.stop() } }
  }

  const node = await createStack({ isListening: true, services: { ping: ping({ maxInboundStreams: 16 }) } })
  const chain = Buffer.concat([...encodedBlocks({ ...SHAPE, blocks: SEND_BYTES / SHAPE.blockBytes })])

  await node.handle(BULK_PROTOCOL, async (stream) => {
    while (stream.writeStatus === 'writable') {
      if (!stream.send(chain)) {
        await pEvent(stream, 'drain', { rejectionEvents: ['close'] })
      }

      await new Promise((resolve) => { setImmediate(resolve) })
    }
  })

  return { address: () => node.getMultiaddrs()[0]!.toString(), stop: async () => { await node.stop() } }
}

import { multiaddr } from '@multiformats/multiaddr'
import { decode, encode } from 'it-length-prefixed'
import { pEvent } from 'p-event'
import { encodedBlocks, GENESIS, shapeOf } from './blocks.ts'
import { createStack } from '../stack.ts'
import { decodeBlock, decodeMessage, encodeMessage } from '../../../src/index.ts'
import type { Shape } from './blocks.ts'
import type { Transfer } from '../transfer.ts'
import type { Libp2p, PeerId, Stream } from '@libp2p/interface'

const PROTOCOL = '/vibecoin-bench/streams/1.0.0'

/** Bytes of blocks that are asked for at a time, and how many such requests are under way: what we have too. */
const REQUEST_BYTES = 1024 * 1024
const CONCURRENT = 4

/** A request and its answer on a stream of their own, as protocols for requests on libp2p have it, with our checks of what comes. */
export const streams: Transfer = {
  receive: async (options) => {
    const shape = shapeOf(options)
    const node = await createStack({ isListening: true, streamOptions: {} })
    let count = 0

    // whoever connects is asked, as in the other contender
    await node.handle(`${PROTOCOL}/begin`, async (_, connection) => {
      try {
        for (;;) {
          await fetchAll(node, { ...shape, peer: connection.remotePeer }, (bytes) => { count += bytes })
        }
      } catch (err) {
        if (connection.status === 'open') {
          throw err
        }
      }
    })

    return {
      address: node.getMultiaddrs()[0]!.toString(),
      count: () => count,
      stop: async () => { await node.stop() }
    }
  },

  send: async (address, signal, options) => {
    const chain = [...encodedBlocks(shapeOf(options))]
    const node = await createStack({ isListening: false, streamOptions: {} })
    await node.handle(PROTOCOL, async (stream) => { await serve(stream, chain) }, { maxInboundStreams: 2 * CONCURRENT })
    await node.dialProtocol(multiaddr(address), `${PROTOCOL}/begin`)
    await new Promise((resolve) => { signal.addEventListener('abort', resolve, { once: true }) })
    await node.stop()
  }
}

async function serve (stream: Stream, chain: Uint8Array[]): Promise<void> {
  for await (const frame of decode(stream)) {
    const { message } = decodeMessage(frame.subarray())

    if (message?.type === 'requestBlockRange') {
      await sendAll(stream, chain.slice(message.startHeight - 1, message.endHeight))
    }

    break
  }

  await stream.close()
}

async function sendAll (stream: Stream, blocks: readonly Uint8Array[]): Promise<void> {
  for (const block of blocks) {
    if (!stream.send(encode.single(block))) {
      await pEvent(stream, 'drain', { rejectionEvents: ['close'] })
    }
  }
}

interface Chain extends Shape { peer: PeerId }

/** Fetches the chain once, several requests ahead of the one that is checked. */
async function fetchAll (node: Libp2p, { peer, blocks, blockBytes }: Chain, onBytes: (bytes: number) => void): Promise<void> {
  const perRequest = Math.max(1, Math.floor(REQUEST_BYTES / blockBytes))
  const starts = Array.from({ length: Math.ceil(blocks / perRequest) }, (_, index) => 1 + index * perRequest)
  const ahead: Promise<Uint8Array[]>[] = []
  let prevHash = GENESIS.hash

  const ask = (): void => {
    const start = starts.shift()

    if (start != null) {
      const request = fetchRange(node, peer, [start, Math.min(blocks, start + perRequest - 1)])
      // it is waited for in its turn
      request.catch(() => {})
      ahead.push(request)
    }
  }

  for (let request = 0; request < CONCURRENT; request++) {
    ask()
  }

  for (let next = ahead.shift(); next != null; next = ahead.shift()) {
    const range = await next
    ask()

    for (const bytes of range) {
      const block = decodeBlock(bytes)

      if (!Buffer.from(block.prevHash).equals(prevHash)) {
        throw new Error('The blocks are not linked')
      }

      prevHash = block.hash
      onBytes(bytes.byteLength)
    }
  }
}

async function fetchRange (node: Libp2p, peer: PeerId, [startHeight, endHeight]: [number, number]): Promise<Uint8Array[]> {
  const stream = await node.dialProtocol(peer, PROTOCOL, { maxOutboundStreams: 2 * CONCURRENT })
  stream.send(encode.single(encodeMessage({ type: 'requestBlockRange', startHeight, endHeight })))
  const blocks: Uint8Array[] = []

  for await (const frame of decode(stream)) {
    blocks.push(frame.subarray())
  }

  await stream.close()

  return blocks
}

import { LoopDelay } from './loop-delay.ts'
import { encodedBlocks, GENESIS, NETWORK, shapeOf, tipOf } from '../sync/blocks.ts'
import { NO_LIMITS } from '../limits.ts'
import { monotonicMs } from '../../workers/program.ts'
import { encodeBlock, startNetwork } from '../../../src/index.ts'
import type { Arrival } from '../gossip/nodes.ts'
import type { Answers } from '../../workers/program.ts'
import type { TransferOptions } from '../transfer.ts'

/** A node that everything comes together at: it serves its chain, follows the tip, and takes transactions. */
export async function node (options: TransferOptions): Promise<Answers> {
  const blocks = [encodeBlock(GENESIS), ...encodedBlocks(shapeOf(options))]
  let tip = tipOf(blocks.at(-1)!)
  let transactions = 0
  let arrivals: Arrival[] = []
  const delay = new LoopDelay()

  const network = await startNetwork({
    ...NETWORK,
    ...NO_LIMITS,
    listen: ['/ip4/127.0.0.1/tcp/0'],
    maxInboundPerHost: 32,
    handlers: { newTransaction: () => { transactions++ }, newBlock: () => 'accept' },
    chain: {
      tip: () => tip,
      get: (height) => blocks[height],
      range: (startHeight, endHeight) => blocks.slice(startHeight, endHeight + 1),
      append: (appended) => {
        for (const { block, bytes } of appended) {
          blocks.push(bytes)
          tip = { height: block.height, hash: block.hash }
          arrivals.push({ number: block.height, time: monotonicMs() })
        }
      }
    }
  })

  return {
    address: () => network.libp2p.getMultiaddrs()[0]!.toString(),
    peers: () => [...network.peers].length,
    tip: () => tip.height,
    transactions: () => transactions,
    served: () => network.status().bandwidth.out.byType.responseBlockRange?.bytes ?? 0,
    /** The blocks that have come since it was asked last. */
    arrivals: () => {
      const taken = arrivals
      arrivals = []

      return taken
    },
    /** How late the event loop was since it was asked last. */
    delays: () => delay.take(),
    stop: async () => {
      delay.stop()
      await network.stop()
    }
  }
}

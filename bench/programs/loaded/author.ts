import { blockAt, GENESIS, NETWORK } from '../sync/blocks.ts'
import { NO_LIMITS } from '../limits.ts'
import { transactions } from '../transactions/sample.ts'
import { monotonicMs } from '../../workers/program.ts'
import { encodeBlock, startNetwork } from '../../../src/index.ts'
import type { Session } from '../../../src/session/session.ts'
import type { Answers } from '../../workers/program.ts'
import type { Arrival } from '../gossip/nodes.ts'
import type { Tip } from '../../../src/index.ts'

/** Between two portions of transactions, in ms. */
const TICK_MS = 5

/** What is sent to the loaded node, and where it begins. */
export interface Load {
  address: string
  transactionsPerSecond: number
  blocksPerSecond: number
  /** Encoded, give or take a transaction. */
  blockBytes: number
  /** The height of the next block. */
  height: number
}

/** Sends transactions at a steady rate, and now and then the next block of a chain. */
export async function author (): Promise<Answers> {
  let blocks: Uint8Array[] = []
  let first = 0
  let tip: Tip = GENESIS

  // of its chain it has what it has made: a node that has missed a block fetches it
  const network = await startNetwork({
    ...NETWORK,
    ...NO_LIMITS,
    listen: [],
    autoSync: false,
    chain: {
      tip: () => tip,
      get: (height) => blocks[height - first],
      range: (startHeight, endHeight) => startHeight < first ? [] : blocks.slice(startHeight - first, endHeight - first + 1)
    }
  })
  const stopping = new AbortController()
  let sending: Promise<void> | undefined
  let times: Arrival[] = []

  const send = async ({ address, transactionsPerSecond, blocksPerSecond, blockBytes, height }: Load): Promise<void> => {
    const { outbox } = await network.connect(address) as Session
    const source = transactions()
    const start = performance.now()
    let sent = 0
    first = height
    blocks = []

    while (!stopping.signal.aborted) {
      const elapsed = (performance.now() - start) / 1000

      if (blocks.length < Math.floor(elapsed * blocksPerSecond)) {
        const block = blockAt(height + blocks.length, blockBytes)
        blocks.push(encodeBlock(block))
        tip = block
        times.push({ number: block.height, time: monotonicMs() })
        network.broadcast({ type: 'newBlock', block })
      }

      for (const due = Math.floor(elapsed * transactionsPerSecond); sent < due && outbox.belowMark; sent++) {
        network.broadcast({ type: 'newTransaction', transaction: source.next().value })
      }

      await new Promise((resolve) => { setTimeout(resolve, TICK_MS) })
    }
  }

  return Promise.resolve({
    send: (load: Load) => {
      sending = send(load)
      sending.catch(() => {})
    },
    /** When each block since it was asked last was given away. */
    times: () => {
      const taken = times
      times = []

      return taken
    },
    stop: async () => {
      stopping.abort()
      await sending
      await network.stop()
    }
  })
}

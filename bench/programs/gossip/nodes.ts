import { makeBlock, makeItem } from './item.ts'
import { startNode } from './start-node.ts'
import { countReceived } from '../sockets.ts'
import { sleep } from '../../workers/wait.ts'
import { monotonicMs } from '../../workers/program.ts'
import type { GossipKind, GossipNode } from './node.ts'
import type { Transaction } from '../../../src/index.ts'
import type { Answers } from '../../workers/program.ts'

/** What is to be published. */
export interface Publication {
  type: 'newBlock' | 'newTransaction'
  bytes: number
  /** The number of the first; each is one more than the one before. */
  first: number
  count: number
}

/** Transactions that are published without a pause. */
const BATCH = 100
const BATCH_MS = 20

/** When an item arrived at a node. */
export interface Arrival { number: number, time: number }

/** Nodes of one kind that share a process. */
export async function nodes ({ kind, count }: { kind: GossipKind, count: number }): Promise<Answers> {
  const received = countReceived()
  const all: GossipNode[] = []
  let arrivals: Arrival[] = []
  let arrived = 0
  let kept: Transaction[] = []

  const onItem = (_: unknown, number: number): void => {
    arrived++
    arrivals.push({ number, time: monotonicMs() })
  }

  for (let index = 0; index < count; index++) {
    all.push(await startNode(kind, { onItem }))
  }

  return {
    addresses: () => all.map(({ address }) => address),
    /** The fewest peers that one of them has. */
    peers: () => Math.min(...all.map((node) => node.peers())),
    connect: async ({ from, to }: { from: number, to: string }) => { await all[from]!.connect(to) },
    arrived: () => arrived,
    arrivals: () => {
      const taken = arrivals
      arrivals = []

      return taken
    },
    received: () => received(),
    messages: (type: Publication['type']) => all.reduce((sum, node) => sum + (node.messages?.(type) ?? NaN), 0),
    /** Returns when each was given away. */
    publish: async ({ from = 0, publication }: { from?: number, publication: Publication }) => {
      const items = Array.from({ length: publication.count }, (_, index) => makeItem({ ...publication, number: publication.first + index }))
      const times: Arrival[] = []

      for (const [index, item] of items.entries()) {
        times.push({ number: publication.first + index, time: monotonicMs() })
        await all[from]!.publish(item)
      }

      return times
    },
    /** Publishes transactions, and then keeps them for a block. Returns when one node has given away all of them. */
    publishTransactions: async ({ from = 0, publication }: { from?: number, publication: Publication }) => {
      const items = Array.from({ length: publication.count }, (_, index) => makeItem({ ...publication, number: publication.first + index }))
      kept = items.flatMap((item) => item.type === 'newTransaction' ? [item.transaction] : [])

      for (const [index, item] of items.entries()) {
        await all[from]!.publish(item)

        // less than a peer may have waiting
        if (index % BATCH === BATCH - 1) {
          await sleep(BATCH_MS)
        }
      }
    },
    /** Publishes a block of the transactions that were published last. Returns when. */
    publishBlock: async ({ from = 0, number }: { from?: number, number: number }) => {
      const time = monotonicMs()
      await all[from]!.publish(makeBlock(number, kept))

      return time
    },
    stop: async () => { await Promise.all(all.map(async (node) => { await node.stop() })) }
  }
}

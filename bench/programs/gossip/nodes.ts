import { makeItem } from './item.ts'
import { startNode } from './start-node.ts'
import { countReceived } from '../sockets.ts'
import { monotonicMs } from '../../workers/program.ts'
import type { GossipKind, GossipNode } from './node.ts'
import type { Answers } from '../../workers/program.ts'

/** What is to be published. */
export interface Publication {
  type: 'newBlock' | 'newTransaction'
  bytes: number
  /** The number of the first; each is one more than the one before. */
  first: number
  count: number
}

/** When an item arrived at a node. */
export interface Arrival { number: number, time: number }

/** Nodes of one kind that share a process. */
export async function nodes ({ kind, count }: { kind: GossipKind, count: number }): Promise<Answers> {
  const received = countReceived()
  const all: GossipNode[] = []
  let arrivals: Arrival[] = []
  let arrived = 0

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
    stop: async () => { await Promise.all(all.map(async (node) => { await node.stop() })) }
  }
}

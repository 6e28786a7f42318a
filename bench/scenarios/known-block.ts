import { percentile } from '../statistics.ts'
import { sleep, until } from '../workers/wait.ts'
import { withWorkers } from '../workers/worker-group.ts'
import { simulate } from '../../src/testing/index.ts'
import { makeBlock, makeItem } from '../programs/gossip/item.ts'
import type { Figures, Scale } from '../benchmark.ts'
import type { GossipKind } from '../programs/gossip/node.ts'
import type { Arrival } from '../programs/gossip/nodes.ts'
import type { Worker } from '../workers/worker.ts'
import type { Feature } from '../../src/index.ts'

/** With these a block has 1 MiB. */
const TRANSACTIONS = 2000
const TRANSACTION_BYTES = 521

/** Each node dials those at these distances on a ring: a degree of 6. */
const STRIDES = [1, 3, 7]

/** How long a node has had transactions that it takes for known to all peers, with the announcements of them, in ms. */
const OLD_MS = 1500

/** Relayed before any is measured: code is compiled meanwhile. */
const WARM_UP_BLOCKS = 60

const PROCESSES = 2
const PER_PROCESS = 10
const SIZE: number = PROCESSES * PER_PROCESS

/** A link of the path: 20 Mbit/s, and 50 ms one way. */
const LINK = { latency: 50, upload: 2_500_000, download: 2_500_000 }
const HOPS = 6

/**
 * Blocks of 1 MiB through a network of 20 nodes with 6 peers each, which have all of its 2000 transactions: `received` is what a node
 * receives for each, in bytes on its TCP connections, and `p50` is how long one takes to a node.
 */
export function knownBlocks (kind: GossipKind): (scale: Scale) => Promise<Figures> {
  return async ({ isQuick }) => withWorkers(async (workers) => {
    const all: Worker[] = []

    while (all.length < PROCESSES) {
      all.push(await workers.start('gossip', { kind, count: PER_PROCESS }))
    }

    await connect(all)
    const delays: number[] = []
    let received = 0
    const blocks = isQuick ? 2 : 6

    for (let block = 0; block <= blocks; block++) {
      const from = all[block % PROCESSES]!
      await giveTransactions(from, all, block)
      await sleep(500)
      await askAll<Arrival[]>(all, 'arrivals')
      const before = sum(await askAll<number>(all, 'received'))
      const time = await from.ask<number>('publishBlock', { number: block + 1 })
      await untilArrived(all, (block + 1) * (TRANSACTIONS + 1) * (SIZE - 1))
      // the first is for warming up
      received += block === 0 ? 0 : sum(await askAll<number>(all, 'received')) - before
      const arrivals = (await askAll<Arrival[]>(all, 'arrivals')).flat()
      delays.push(...block === 0 ? [] : arrivals.map((arrival) => arrival.time - time))
    }

    return { received: received / SIZE / blocks, p50: percentile(delays, 0.5) }
  })
}

/**
 * Processor time of a node in the middle, in ms for each block of 1 MiB whose 2000 transactions all nodes have: the figure `cpu`. All
 * blocks have the same transactions, so that only blocks are measured: V8 collects what new ones leave, in some blocks and not in others.
 */
export function knownRelay (kind: GossipKind): (scale: Scale) => Promise<Figures> {
  return async ({ isQuick }) => withWorkers(async (workers) => {
    const source = await workers.start('gossip', { kind, count: 1 })
    const middle = await workers.start('gossip', { kind, count: 1 })
    const sink = await workers.start('gossip', { kind, count: 1 })
    await middle.ask('connect', { from: 0, to: (await sink.ask<string[]>('addresses'))[0] })
    await source.ask('connect', { from: 0, to: (await middle.ask<string[]>('addresses'))[0] })
    await until(async () => await middle.ask<number>('peers') === 2 && await source.ask<number>('peers') === 1, 'both peers')
    await source.ask('publishTransactions', {
      publication: { type: 'newTransaction', bytes: TRANSACTION_BYTES, first: 0, count: TRANSACTIONS }
    })
    await until(async () => await sink.ask<number>('arrived') >= TRANSACTIONS, 'all transactions')
    await sleep(OLD_MS)
    const blocks = isQuick ? 40 : 200
    let sent = 0
    const relay = async (count: number): Promise<void> => {
      for (const last = sent + count; sent < last;) {
        await source.ask('publishBlock', { number: ++sent })
        await until(async () => await sink.ask<number>('arrived') >= TRANSACTIONS + sent, 'the block', 2)
      }
    }

    await relay(WARM_UP_BLOCKS)
    const before = (await middle.usage()).cpu
    await relay(blocks)

    return { cpu: ((await middle.usage()).cpu - before) / blocks }
  })
}

/** How long a block of 1 MiB takes over a path of 6 hops, on virtual time, in ms: the figure `time`. All nodes have its transactions. */
export function knownPath (features: readonly Feature[]): (scale: Scale) => Promise<Figures> {
  return async () => {
    const transactions = Array.from({ length: TRANSACTIONS }, (_, number) => makeItem({ type: 'newTransaction', bytes: TRANSACTION_BYTES, number }))
    let time = NaN

    await simulate({
      nodes: HOPS + 1,
      topology: 'line',
      links: LINK,
      config: { features },
      node: () => ({ chain: false }),
      script: async (simulation) => {
        const [first, last] = [simulation.nodes[0]!, simulation.nodes[HOPS]!]
        let heard = 0
        let arrivedAt = NaN
        last.network.addEventListener('transaction', () => { heard++ })
        last.network.addEventListener('block', () => { arrivedAt = simulation.now })
        await simulation.untilConnected(1)

        for (const transaction of transactions) {
          first.network.broadcast(transaction)
          // what a link carries
          await simulation.sleep(1)
        }

        await simulation.until(() => heard === TRANSACTIONS, 'all transactions')
        const start = simulation.now
        first.network.broadcast(makeBlock(1, transactions.flatMap((message) => 'transaction' in message ? [message.transaction] : [])))
        await simulation.until(() => arrivedAt > 0, 'the block')
        time = arrivedAt - start
      }
    })

    return { time }
  }
}

async function connect (all: readonly Worker[]): Promise<void> {
  const addresses = (await askAll<string[]>(all, 'addresses')).flat()

  for (let node = 0; node < SIZE; node++) {
    for (const stride of STRIDES) {
      await all[Math.floor(node / PER_PROCESS)]!.ask('connect', { from: node % PER_PROCESS, to: addresses[(node + stride) % SIZE] })
    }
  }

  await until(async () => (await askAll<number>(all, 'peers')).every((peers) => peers >= 2 * STRIDES.length), 'all peers')
}

async function giveTransactions (from: Worker, all: readonly Worker[], block: number): Promise<void> {
  await from.ask('publishTransactions', {
    publication: { type: 'newTransaction', bytes: TRANSACTION_BYTES, first: block * TRANSACTIONS, count: TRANSACTIONS }
  })
  await untilArrived(all, ((block + 1) * TRANSACTIONS + block) * (SIZE - 1))
}

async function untilArrived (all: readonly Worker[], count: number): Promise<void> {
  await until(async () => sum(await askAll<number>(all, 'arrived')) >= count, 'everything to be everywhere', 50)
}

async function askAll<Result> (all: readonly Worker[], question: string): Promise<Result[]> {
  return Promise.all(all.map(async (worker) => worker.ask<Result>(question)))
}

function sum (values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

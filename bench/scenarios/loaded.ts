import { percentile } from '../statistics.ts'
import { sleep, until } from '../workers/wait.ts'
import { withWorkers } from '../workers/worker-group.ts'
import type { Figures, Scale } from '../benchmark.ts'
import type { Arrival } from '../programs/gossip/nodes.ts'
import type { Load } from '../programs/loaded/author.ts'
import type { FollowersInit } from '../programs/loaded/followers.ts'
import type { Delays } from '../programs/loaded/loop-delay.ts'

/** The chain that is served, and the blocks that come: of 64 KiB. */
const BLOCKS = 1024
const BLOCK_BYTES = 64 * 1024

const BLOCKS_PER_SECOND = 4

/** What a node has to do at the same time. */
export interface LoadInit extends FollowersInit { transactionsPerSecond: number }

/**
 * A node that takes transactions, serves its chain to peers that synchronise, and follows the tip.
 *
 * `delay` and `own` are the 99th percentile of how late its event loop is, with and without the time in which others had the processor.
 * `block` is the longest time from the author of a block to the chain. `rate` and `served` say what the node has done. `cpu` and `others`
 * are the processors that it kept busy, and that the author and the peers did.
 */
export function loaded ({ transactionsPerSecond, ...peers }: LoadInit): (scale: Scale) => Promise<Figures> {
  return async ({ warmUp, measured }) => withWorkers(async (workers) => {
    const node = await workers.start('loadedNode', { blocks: BLOCKS, blockBytes: BLOCK_BYTES })
    const author = await workers.start('loadedAuthor')
    const address = await node.ask<string>('address')
    const load: Load = { address, transactionsPerSecond, blocksPerSecond: BLOCKS_PER_SECOND, blockBytes: BLOCK_BYTES, height: BLOCKS + 1 }

    const followers = await workers.start('loadedFollowers', peers)

    if (peers.count > 0) {
      await followers.ask('follow', address)
      await until(async () => await followers.ask<number>('fetched') > 0, 'the first blocks')
    }

    await author.ask('send', load)
    await until(async () => await node.ask<number>('tip') > BLOCKS, 'the first block')
    await sleep(warmUp)
    await node.ask('delays')
    await author.ask('times')
    const look = async (): Promise<Look> => {
      const [own, ...others] = await Promise.all([node, author, followers].map(async (worker) => worker.usage()))

      return {
        transactions: await node.ask<number>('transactions'),
        served: await node.ask<number>('served'),
        time: own!.time,
        cpu: own!.cpu,
        others: others.reduce((sum, { cpu }) => sum + cpu, 0)
      }
    }
    const before = await look()
    await sleep(measured)
    const after = await look()
    const delays = await node.ask<Delays>('delays')
    const times = await author.ask<Arrival[]>('times')
    await until(async () => await node.ask<number>('tip') >= (times.at(-1)?.number ?? 0), 'the last block')
    const ms = after.time - before.time

    return {
      delay: percentile(delays.all, 0.99),
      own: percentile(delays.own, 0.99),
      block: latest(times, await node.ask<Arrival[]>('arrivals')),
      rate: (after.transactions - before.transactions) / ms * 1000,
      served: (after.served - before.served) / ms * 1000,
      cpu: (after.cpu - before.cpu) / ms,
      others: (after.others - before.others) / ms
    }
  })
}

/** What the node has done up to some time, and the processor time of its process and of all others, in ms. */
interface Look { transactions: number, served: number, time: number, cpu: number, others: number }

/** The longest time that one of these took to arrive, in ms. */
function latest (sent: readonly Arrival[], arrived: readonly Arrival[]): number {
  const times = new Map(arrived.map(({ number, time }) => [number, time]))

  return Math.max(...sent.map(({ number, time }) => (times.get(number) ?? Infinity) - time))
}

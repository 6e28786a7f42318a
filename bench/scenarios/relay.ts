import { sleep, until } from '../workers/wait.ts'
import { withWorkers } from '../workers/worker-group.ts'
import type { Figures, Scale } from '../benchmark.ts'
import type { GossipKind } from '../programs/gossip/node.ts'

const BLOCK_BYTES = 1024 * 1024

/** Far below what any of them carries, so that all have the same to do. */
const BLOCKS_PER_SECOND = 10

/** Processor time of a node in the middle, in ms for each block of 1 MiB that it hands on: the figure `cpu`. */
export function relay (kind: GossipKind): (scale: Scale) => Promise<Figures> {
  return async ({ warmUp, measured }) => withWorkers(async (workers) => {
    const source = await workers.start('gossip', { kind, count: 1 })
    const middle = await workers.start('gossip', { kind, count: 1 })
    const sink = await workers.start('gossip', { kind, count: 1 })
    await middle.ask('connect', { from: 0, to: (await sink.ask<string[]>('addresses'))[0] })
    await source.ask('connect', { from: 0, to: (await middle.ask<string[]>('addresses'))[0] })
    await until(async () => await middle.ask<number>('peers') === 2 && await source.ask<number>('peers') === 1, 'both peers')
    // gossipsub hands on to those who have joined its mesh, which it sees to once a second
    await sleep(kind.startsWith('gossipsub') ? 1500 : 0)
    let sent = 0

    const sendFor = async (ms: number): Promise<number> => {
      const count = Math.max(1, Math.round(ms / 1000 * BLOCKS_PER_SECOND))
      const start = performance.now()

      for (let block = 0; block < count; block++) {
        await sleep(Math.max(0, start + block * 1000 / BLOCKS_PER_SECOND - performance.now()))
        await source.ask('publish', { publication: { type: 'newBlock', bytes: BLOCK_BYTES, first: ++sent, count: 1 } })
      }

      await until(async () => await sink.ask<number>('arrived') >= sent, 'all blocks')

      return count
    }

    await sendFor(warmUp)
    const before = await middle.usage()
    const count = await sendFor(measured)
    const after = await middle.usage()

    return { cpu: (after.cpu - before.cpu) / count }
  })
}

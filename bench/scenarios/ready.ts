import { percentile } from '../statistics.ts'
import { sleep } from '../workers/wait.ts'
import { withWorkers } from '../workers/worker-group.ts'
import type { Figures, Scale } from '../benchmark.ts'
import type { Transport } from '../programs/transport.ts'

/**
 * From a dial to a ready session, in ms, one after the other: the figures `p50` and `p99`. `cpu` is the processor time of both sides for
 * each, the goodbye included.
 */
export function ready (transport: Transport): (scale: Scale) => Promise<Figures> {
  return async ({ warmUp, measured }) => withWorkers(async (workers) => {
    const server = await workers.start('acceptServer', { kind: 'ours', transport })
    const callers = await workers.start('readyCallers', { transport })
    await callers.ask('start', await server.ask<string>('address'))
    await sleep(warmUp)
    const cpu = async (): Promise<number> => (await server.usage()).cpu + (await callers.usage()).cpu
    await callers.ask('take')
    const before = await cpu()
    await sleep(measured)
    const after = await cpu()
    const times = await callers.ask<number[]>('take')

    return { p50: percentile(times, 0.5), p99: percentile(times, 0.99), cpu: (after - before) / times.length }
  })
}

import { percentile } from '../statistics.ts'
import { sleep } from '../workers/wait.ts'
import { withWorkers } from '../workers/worker-group.ts'
import type { Figures, Scale } from '../benchmark.ts'
import type { PingOptions } from '../programs/ping/client.ts'

/** Round trips of pings, in ms: the figures `p50` and `p99`. */
export function roundTrip (options: PingOptions): (scale: Scale) => Promise<Figures> {
  return async ({ warmUp, measured }) => withWorkers(async (workers) => {
    const server = await workers.start('pingServer', options)
    const client = await workers.start('pingClient', options)
    await client.ask('start', await server.ask<string>('address'))
    await sleep(warmUp)
    await client.ask('take')
    await sleep(measured)
    const roundTrips = await client.ask<number[]>('take')

    return { p50: percentile(roundTrips, 0.5), p99: percentile(roundTrips, 0.99) }
  })
}

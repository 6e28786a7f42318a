import { createLossyNetwork } from '../lossy-network.ts'
import { percentile } from '../statistics.ts'
import { sleep } from '../workers/wait.ts'
import { withWorkers } from '../workers/worker-group.ts'
import type { Figures, Scale } from '../benchmark.ts'
import type { PingOptions } from '../programs/ping/client.ts'

/** What is measured. */
export interface RoundTripInit extends PingOptions {
  /** One of so many packets is lost, each way. None unless given. */
  loseOneOf?: number
}

/** Round trips of pings, in ms: the figures `p50` and `p99`. */
export function roundTrip ({ loseOneOf, ...options }: RoundTripInit): (scale: Scale) => Promise<Figures> {
  return async (scale) => {
    const network = loseOneOf == null ? undefined : await createLossyNetwork(loseOneOf)

    try {
      return await measure(options, scale, network?.name)
    } finally {
      await network?.remove()
    }
  }
}

async function measure (options: PingOptions, { warmUp, measured }: Scale, network: string | undefined): Promise<Figures> {
  return withWorkers(async (workers) => {
    const server = await workers.start('pingServer', options)
    const client = await workers.start('pingClient', options)
    await client.ask('start', await server.ask<string>('address'))
    await sleep(warmUp)
    await client.ask('take')
    await sleep(measured)
    const roundTrips = await client.ask<number[]>('take')

    return { p50: percentile(roundTrips, 0.5), p99: percentile(roundTrips, 0.99) }
  }, network)
}

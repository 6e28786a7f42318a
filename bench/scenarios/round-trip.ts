import { passed, withCast } from '../actor.ts'
import { percentile } from '../statistics.ts'
import type { PingOptions } from '../ping/client.ts'
import type { Figures, Scale } from '../work.ts'

/** Round trips of pings, in ms: the figures `p50` and `p99`. */
export function roundTrip (options: PingOptions): (scale: Scale) => Promise<Figures> {
  return async ({ warmUp, measured }) => withCast(async (cast) => {
    const server = await cast.start('pingServer', options)
    const client = await cast.start('pingClient', options)
    await client.ask('start', await server.ask<string>('address'))
    await passed(warmUp)
    await client.ask('take')
    await passed(measured)
    const roundTrips = await client.ask<number[]>('take')

    return { p50: percentile(roundTrips, 0.5), p99: percentile(roundTrips, 0.99) }
  })
}

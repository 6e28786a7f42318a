import { sleep, until } from '../workers/wait.ts'
import { withWorkers } from '../workers/worker-group.ts'
import type { Figures, Scale } from '../benchmark.ts'
import type { AcceptKind } from '../programs/accept/server.ts'

/** Many more than are dialled at a time: the server has time to hear that one has hung up before it comes again. */
const CALLERS = 32

/** There are few in a second: in less, a quick run would count next to none. */
const MIN_WARM_UP_MS = 1000
const MIN_MEASURED_MS = 2000

/** How many sessions a node accepts: `rate`, with one process that dials, and `cpu`, its own processor time for each in ms. */
export function accepting (kind: AcceptKind): (scale: Scale) => Promise<Figures> {
  return async ({ warmUp, measured }) => withWorkers(async (workers) => {
    const server = await workers.start('acceptServer', { kind })
    const client = await workers.start('acceptClient', { kind, callers: CALLERS })
    await client.ask('repeat', await server.ask<string>('address'))
    await sleep(Math.max(warmUp, MIN_WARM_UP_MS))
    const [first, before] = [await server.ask<number>('accepted'), await server.usage()]
    await sleep(Math.max(measured, MIN_MEASURED_MS))
    const failed = await client.ask<number>('failed')
    const [last, after] = [await server.ask<number>('accepted'), await server.usage()]
    const count = last - first

    if (failed > count / 10) {
      throw new Error(`${failed} dials failed, and ${count} did not`)
    }

    return { rate: count / (after.time - before.time) * 1000, cpu: (after.cpu - before.cpu) / count }
  })
}

/** What libp2p still does on a connection that was just opened is over after so long, in ms. */
const SETTLE_MS = 8000
const FIRST_SETTLE_MS = 2000

/** So many come first: what is loaded, compiled and made once is there after them, and is not counted. */
const FIRST_CALLERS = 128

/** What a session that does nothing holds at the node that has accepted it, in bytes: the figure `heap`. */
export function idle (kind: AcceptKind): (scale: Scale) => Promise<Figures> {
  return async ({ isQuick }) => withWorkers(async (workers) => {
    const callers = isQuick ? 64 : 256
    const server = await workers.start('acceptServer', { kind })
    const address = await server.ask<string>('address')
    const first = await workers.start('acceptClient', { kind, callers: FIRST_CALLERS })
    const client = await workers.start('acceptClient', { kind, callers })
    await first.ask('stay', address)
    await until(async () => await server.ask<number>('open') === FIRST_CALLERS, 'the first sessions')
    // identify has run on them, and what it loads is there
    await sleep(FIRST_SETTLE_MS)
    const before = await server.memory()
    await client.ask('stay', address)
    await until(async () => await server.ask<number>('open') === FIRST_CALLERS + callers, 'all sessions')
    // libp2p's identify has run on each by then, and its deadlines are over
    await sleep(isQuick ? FIRST_SETTLE_MS : SETTLE_MS)
    const after = await server.memory()

    return { heap: (after.heap - before.heap) / callers }
  })
}

import { sleep, until } from '../workers/wait.ts'
import { withWorkers } from '../workers/worker-group.ts'
import type { Figures, Scale } from '../benchmark.ts'
import type { AcceptKind } from '../programs/accept/server.ts'
import type { Worker } from '../workers/worker.ts'

/** Sessions with peers that answer nothing any more, in so many processes. */
const PEERS = 500
const QUICK_PEERS = 100
const PROCESSES = 5

/** How long all sessions are there before the node stops, in ms: it identifies a peer a second after it has connected. */
const SETTLED_MS = 2500

/** How long a node takes to stop with all these peers: `time` by the clock, and `cpu` of its processor time, in ms. */
export function stopping (kind: AcceptKind, { areFrozen }: { areFrozen: boolean }): (scale: Scale) => Promise<Figures> {
  return async ({ isQuick }) => withWorkers(async (workers) => {
    const peers = isQuick ? QUICK_PEERS : PEERS
    const server = await workers.start('acceptServer', { kind })
    const address = await server.ask<string>('address')

    const clients: Worker[] = []

    for (let process = 0; process < PROCESSES; process++) {
      const client = await workers.start('acceptClient', { kind, callers: peers / PROCESSES })
      clients.push(client)
      await client.ask('stay', address)
    }

    await until(async () => await server.ask<number>('open') === peers, 'all sessions')
    await sleep(SETTLED_MS)
    const before = await server.usage()

    if (areFrozen) {
      clients.forEach((client) => { client.freeze() })
    }

    try {
      const time = await server.ask<number>('quit')

      return { time, cpu: (await server.usage()).cpu - before.cpu }
    } finally {
      workers.killLast(PROCESSES)
    }
  })
}

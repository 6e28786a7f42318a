import { until } from '../workers/wait.ts'
import { withWorkers } from '../workers/worker-group.ts'
import type { Figures, Scale } from '../benchmark.ts'
import type { StatusKind, StatusQuestion } from '../programs/status/server.ts'

/** As many as a node with the slots that it has by default. */
const PEERS = 40

/** Not counted: the code that is asked is compiled meanwhile. */
const WARM_UP_MS = 1000

const QUESTIONS: readonly StatusQuestion[] = ['status', 'peers', 'metrics']

/** The processor time that it costs a node with 40 peers to tell its status, its peers and its metrics, in ms. */
export function asking (kind: StatusKind): (scale: Scale) => Promise<Figures> {
  return async ({ measured }) => withWorkers(async (workers) => {
    const server = await workers.start('statusServer')
    const client = await workers.start('acceptClient', { kind: 'ours', callers: PEERS })
    await client.ask('stay', await server.ask<string>('address'))
    await until(async () => await server.ask<number>('open') === PEERS, 'all sessions')
    const figures: Figures = {}

    for (const question of QUESTIONS) {
      await server.ask('cost', { kind, question, ms: WARM_UP_MS })
      figures[question] = await server.ask<number>('cost', { kind, question, ms: measured })
    }

    return figures
  })
}

import { KINDS } from './plan.ts'
import { countKinds } from './rest.ts'
import { alignColumns } from '../../bench/report/table.ts'
import type { ChaosResult } from './chaos.ts'
import type { Fleet } from './fleet.ts'

const HEAD = ['node', 'started', 'killed', 'paused', 'in', 'out', 'block', 'timers', 'sockets', 'listeners']

/** What was done, and how each node is in the end. */
export function reportChaos (fleet: Fleet, { after, incidents, recoveredMs }: ChaosResult): string {
  const rows = after.map(({ name, height, status }, node) => {
    const { times } = fleet.members[node]!
    const kinds = countKinds(status.resources)
    const { inbound, outbound } = status.counts

    return [
      name, times.started, times.killed, times.paused, inbound, outbound, height, kinds.get('Timeout') ?? 0, kinds.get('TCPSocketWrap') ?? 0,
      status.listeners
    ].map(String)
  })

  const done = KINDS.map((kind) => `${incidents.get(kind) ?? 0} ${kind}`).join(', ')

  return [
    alignColumns([HEAD, ...rows]),
    '',
    `${done}; ${fleet.made} blocks made`,
    `all nodes had their outbound sessions and one chain again ${(recoveredMs / 1000).toFixed(1)} s after the last incident`
  ].join('\n')
}

import { until } from '../workers/wait.ts'
import { withWorkers } from '../workers/worker-group.ts'
import type { Figures, Scale } from '../benchmark.ts'
import type { GossipKind } from '../programs/gossip/node.ts'

const PEERS = 32

const MESSAGE_BYTES = 1024

/** What is broadcast at once, before all of it has to be there. */
const BURST = 64

/**
 * Processor time for a message of 1 KiB that one node gives to 32 others, in ms for each delivery: `cpu` is that of both ends, `sender`
 * that of the node that broadcasts.
 */
export function broadcast (kind: GossipKind): (scale: Scale) => Promise<Figures> {
  return async ({ warmUp, measured }) => withWorkers(async (workers) => {
    const hub = await workers.start('gossip', { kind, count: 1 })
    const leaves = await workers.start('gossip', { kind, count: PEERS })
    const [address] = await hub.ask<string[]>('addresses')

    for (let from = 0; from < PEERS; from++) {
      await leaves.ask('connect', { from, to: address })
    }

    await until(async () => await hub.ask<number>('peers') === PEERS, 'all peers')
    let sent = 0

    const sendFor = async (ms: number): Promise<void> => {
      const end = performance.now() + ms

      while (performance.now() < end) {
        await hub.ask('publish', { publication: { type: 'newTransaction', bytes: MESSAGE_BYTES, first: sent, count: BURST } })
        sent += BURST
        await until(async () => await leaves.ask<number>('arrived') >= sent * PEERS, 'all deliveries', 2)
        await leaves.ask('arrivals')
      }
    }

    await sendFor(warmUp)
    const first = sent
    const before = [await hub.usage(), await leaves.usage()] as const
    await sendFor(measured)
    const after = [await hub.usage(), await leaves.usage()] as const
    const deliveries = (sent - first) * PEERS
    const [sender, receivers] = [after[0].cpu - before[0].cpu, after[1].cpu - before[1].cpu]

    return { cpu: (sender + receivers) / deliveries, sender: sender / deliveries }
  })
}

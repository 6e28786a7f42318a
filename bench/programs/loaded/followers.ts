import { memoryStore } from '../sync/memory-store.ts'
import { NETWORK } from '../sync/blocks.ts'
import { follow } from '../sync/ours.ts'
import { NO_LIMITS } from '../limits.ts'
import { startNetwork } from '../../../src/index.ts'
import type { Network } from '../../../src/index.ts'
import type { Target } from '../sync/store.ts'
import type { Answers } from '../../workers/program.ts'

/** How many nodes synchronise, and how much each fetches in a second at most, in bytes. */
export interface FollowersInit { count: number, download?: number }

/** Nodes that fetch the whole chain of another, again and again. */
export async function followers ({ count, download }: FollowersInit): Promise<Answers> {
  const nodes: { network: Network, target: Target }[] = []

  while (nodes.length < count) {
    const target = await memoryStore.create()
    const network = await startNetwork({
      ...NETWORK,
      ...NO_LIMITS,
      listen: [],
      autoSync: false,
      chain: target.chain,
      handlers: { newTransaction: () => {} },
      ...(download == null ? {} : { bandwidth: { download } })
    })
    nodes.push({ network, target })
  }

  return {
    follow: async (address: string) => {
      for (const { network, target } of nodes) {
        await network.connect(address)
        void follow(network, target)
      }
    },
    /** Bytes of blocks that have arrived, at all of them. */
    fetched: () => nodes.reduce((sum, { target }) => sum + target.count(), 0),
    stop: async () => { await Promise.all(nodes.map(async ({ network }) => { await network.stop() })) }
  }
}

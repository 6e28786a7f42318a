import { percentile } from '../statistics.ts'
import { simulate } from '../../src/testing/index.ts'
import type { Figures, Scale } from '../benchmark.ts'
import type { NetworkConfig } from '../../src/index.ts'

/** One way, in ms. */
const LATENCY_MS = 50

/** From one transaction to the next, in ms: each has the network to itself. */
const PAUSE_MS = 2000

/** A simulated network. */
export interface LastNodeInit extends Pick<NetworkConfig, 'features'> {
  nodes: number
  degree: number
}

/**
 * Transactions one by one through simulated nodes, which run the real service on virtual time: `p50` and `p99` are how long each takes to
 * the last node, in ms of that time.
 */
export function lastNode ({ nodes, degree, ...config }: LastNodeInit): (scale: Scale) => Promise<Figures> {
  return async ({ isQuick }) => {
    const { items } = await simulate({
      nodes,
      seed: 'last node',
      topology: { degree },
      links: { latency: LATENCY_MS, upload: Infinity, download: Infinity },
      cost: { perMessage: 0, perByte: 0, perVerifiedByte: 0 },
      config: { maxOutbound: nodes, maxInbound: nodes, ...config },
      script: async (simulation) => {
        await simulation.untilConnected(1)
        await simulation.sleep(PAUSE_MS)

        for (let count = 0; count < (isQuick ? 10 : 60); count++) {
          await simulation.untilHeard(simulation.pay(simulation.nodes[7 * count % nodes]!))
          await simulation.sleep(PAUSE_MS)
        }
      }
    })
    const last = items.map(({ at, heardAt }) => Math.max(...heardAt) - at)

    return { p50: percentile(last, 0.5), p99: percentile(last, 0.99) }
  }
}

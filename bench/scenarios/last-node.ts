import { percentile } from '../statistics.ts'
import { simulate } from '../../src/testing/index.ts'
import type { Figures, Scale } from '../benchmark.ts'
import type { NetworkConfig } from '../../src/index.ts'

/** One way, in ms. */
const LATENCY_MS = 50

/** From one transaction to the next, in ms: each has the network to itself. */
const PAUSE_MS = 2000

/** What transactions are sent with. The first counts for their bytes. */
const MESSAGES = ['newTransaction', 'have', 'want'] as const

/** Encoded, with the data below. */
const BYTES = 400
const DATA_BYTES = 214

/** A simulated network. */
export interface LastNodeInit extends Pick<NetworkConfig, 'features'> {
  nodes: number
  degree: number
  /** From one transaction to the next, in ms. Left out, each has the network to itself. */
  pauseMs?: number
}

/**
 * Transactions of 400 bytes through simulated nodes, which run the real service on virtual time: `p50` and `p99` are how long each takes to
 * the last node, in ms of that time. `received` is what a node receives for each of their bytes, and `messages` how many messages for each
 * of them. None of it depends on what else the machine does.
 */
export function lastNode ({ nodes, degree, pauseMs = PAUSE_MS, ...config }: LastNodeInit): (scale: Scale) => Promise<Figures> {
  return async ({ isQuick }) => {
    const count = (isQuick ? 10 : 60) * Math.ceil(PAUSE_MS / pauseMs / 10)
    const totals = { received: 0, messages: 0 }
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
        const look = (): typeof totals => ({
          received: simulation.nodes.reduce((sum, { received }) => sum + received, 0),
          messages: MESSAGES.reduce((sum, type) => sum + simulation.messages(type), 0)
        })
        const before = look()

        for (let number = 0; number < count; number++) {
          simulation.pay(simulation.nodes[7 * number % nodes]!, { bytes: DATA_BYTES })
          await simulation.sleep(pauseMs)
        }

        await simulation.sleep(PAUSE_MS)
        const after = look()
        totals.received = after.received - before.received
        totals.messages = after.messages - before.messages
      }
    })
    const last = items.map(({ at, heardAt }) => Math.max(...heardAt) - at)

    return {
      p50: percentile(last, 0.5),
      p99: percentile(last, 0.99),
      received: totals.received / nodes / count / BYTES,
      messages: totals.messages / nodes / count
    }
  }
}

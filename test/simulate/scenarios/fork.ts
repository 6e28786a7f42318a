import { MINUTE, rowsOf, SECOND } from '../scenario.ts'
import type { Scenario } from '../scenario.ts'

const BLOCK_BYTES = 100_000

/** Two blocks at once, at the two ends of a network. */
export const fork: Scenario = {
  about: 'two blocks at the same height at once, and the next one',
  details: 'Two nodes make a block of 100 KB on the same parent, so far apart. The table says how many tips there are 10 s later, and how long a third block takes to bring all nodes together.',
  nodes: 100,
  run: async (options) => {
    const rows = await rowsOf(options, 'fork', {
      script: async (simulation, rows) => {
        const { nodes } = simulation
        await simulation.untilConnected(2)

        for (const gap of [0, 200, 1000]) {
          simulation.mine(nodes[0]!, { bytes: BLOCK_BYTES })
          await simulation.sleep(gap)
          simulation.mine(nodes.at(-1)!, { bytes: BLOCK_BYTES })
          await simulation.sleep(10 * SECOND)
          const tips = new Set(nodes.map(({ chain }) => Buffer.from(chain.tip().hash).toString('hex')))
          simulation.mine(nodes[0]!)
          const since = simulation.now
          await simulation.untilInStep({ within: 10 * MINUTE })
          rows.push([`${gap} ms apart`, tips.size, Math.round(simulation.now - since)])
          await simulation.sleep(10 * SECOND)
        }
      }
    })

    return { title: 'Fork', columns: ['blocks', 'tips after 10 s', 'in step after [ms]'], rows, chart: { label: 0, value: 2, unit: 'ms' } }
  }
}

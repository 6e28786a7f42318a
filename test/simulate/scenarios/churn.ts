import { MINUTE, peerCounts, quantile, rowsOf, SECOND } from '../scenario.ts'
import type { Row } from '../result.ts'
import type { Scenario } from '../scenario.ts'
import type { SimulatedNode, Simulation } from '../../../src/testing/index.ts'

const SEEDS = 3
const BLOCK_BYTES = 50_000

/** Half of the nodes leave within a minute, and come back; blocks go on. */
export const churn: Scenario = {
  about: 'half of the nodes leave within a minute, with a word or without, and come back',
  details: 'Of those that leave, a third stops in peace, a third crashes, and the machine of a third is gone. The table says how many nodes run, how long a block of 50 KB takes to all of them, and how many peers they have.',
  nodes: 100,
  run: async (options) => {
    const rows = await rowsOf(options, 'churn', {
      topology: { seeds: SEEDS },
      script: async (simulation, rows) => {
        await simulation.sleep(MINUTE)
        const leaving = simulation.nodes.slice(SEEDS).filter((_, index) => index % 2 === 0)
        rows.push(await measure(simulation, 'before'))
        await leave(simulation, leaving)
        rows.push(await measure(simulation, 'half have left'))
        await simulation.sleep(2 * MINUTE)
        rows.push(await measure(simulation, '2 min later'))

        for (const node of leaving) {
          await simulation.sleep(MINUTE / leaving.length)
          await node.start()
        }

        await simulation.untilInStep({ within: 10 * MINUTE })
        rows.push(await measure(simulation, 'all are back'))
        await simulation.sleep(2 * MINUTE)
        rows.push(await measure(simulation, '2 min later'))
      }
    })

    return {
      title: 'Churn',
      columns: ['when', 'nodes', 'block everywhere [ms]', 'fewest peers', 'half have'],
      rows,
      aims: [{ what: 'a block takes less than 30 s to all nodes, whenever it is made', isMet: rows.every((row) => Number(row[2]) < 30 * SECOND) }],
      chart: { label: 0, value: 2, unit: 'ms' }
    }
  }
}

async function leave (simulation: Simulation, leaving: readonly SimulatedNode[]): Promise<void> {
  for (const [index, node] of leaving.entries()) {
    await simulation.sleep(MINUTE / leaving.length)

    if (index % 3 === 0) {
      await node.stop()
    } else {
      node.kill({ isSilent: index % 3 === 1 })
    }
  }
}

async function measure (simulation: Simulation, name: string): Promise<Row> {
  const item = simulation.mine(simulation.nodes[0]!, { bytes: BLOCK_BYTES })
  await simulation.untilHeard(item, { within: 10 * MINUTE })
  const peers = peerCounts(simulation.running)

  return [name, simulation.running.length, Math.round(item.delays().at(-1) ?? 0), peers[0]!, quantile(peers, 0.5)]
}

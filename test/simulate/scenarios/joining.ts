import { simulate } from '../../../src/testing/index.ts'
import { common, quantile } from '../scenario.ts'
import type { Scenario } from '../scenario.ts'
import type { Simulation } from '../../../src/testing/index.ts'

/** Many nodes join at once, and know one seed. */
export const flashCrowd: Scenario = {
  about: 'hundreds of nodes join at once behind one seed, and fetch its chain',
  run: async (options) => {
    const joiners = options.nodes ?? 500
    const rows: (string | number)[][] = []
    await simulate({
      ...common(options, 'flash crowd'),
      nodes: joiners + 1,
      topology: { seeds: 1 },
      node: (index) => ({ isStarted: index === 0 }),
      config: { maxInbound: 32 },
      script: async (simulation) => {
        for (let block = 0; block < 20; block++) {
          simulation.mine(simulation.nodes[0]!, { bytes: 10_000 })
        }

        await Promise.all(simulation.nodes.map(async (node) => node.start()))

        for (const seconds of [5, 15, 30, 60, 120, 240]) {
          await simulation.sleep(1000 * seconds - simulation.now)
          rows.push(crowdRow(simulation, seconds))
        }
      }
    })

    return { title: `Flash crowd of ${joiners}`, columns: ['after', 'with a peer', 'half have peers', 'with the chain'], rows, chart: { label: 0, value: 3, unit: 'nodes' } }
  }
}

function crowdRow (simulation: Simulation, seconds: number): (string | number)[] {
  const peers = simulation.nodes.map(({ network }) => [...network.peers].length).sort((a, b) => a - b)

  return [
    `${seconds} s`, peers.filter((count) => count > 0).length, quantile(peers, 0.5),
    simulation.nodes.filter(({ chain }) => chain.height === simulation.nodes[0]!.chain.height).length
  ]
}

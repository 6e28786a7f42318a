import { simulate } from '../../../src/testing/index.ts'
import { decodeMessage } from '../../../src/index.ts'
import { common, quantile } from '../scenario.ts'
import type { Scenario, ScenarioOptions } from '../scenario.ts'
import type { Simulation, SimulateOptions } from '../../../src/testing/index.ts'

const MINUTE = 60_000

/** Runs a script, and returns what it has put into the rows. */
async function table (options: ScenarioOptions, what: string, simulated: Omit<SimulateOptions, 'script' | 'seed'> & {
  script: (simulation: Simulation, rows: (string | number)[][]) => Promise<void>
}): Promise<(string | number)[][]> {
  const rows: (string | number)[][] = []
  const { script, ...rest } = simulated
  await simulate({ ...rest, ...common(options, what), script: async (simulation) => { await script(simulation, rows) } })

  return rows
}

/** Two blocks at once, at the two ends of a network. */
export const fork: Scenario = {
  about: 'two blocks at the same height at once, and the next one',
  run: async (options) => {
    const nodes = options.nodes ?? 100
    const rows = await table(options, 'fork', {
      nodes,
      script: async (simulation, rows) => {
        await simulation.untilConnected(2)

        for (const gap of [0, 200, 1000]) {
          simulation.mine(simulation.nodes[0]!, { bytes: 100_000 })
          await simulation.sleep(gap)
          simulation.mine(simulation.nodes.at(-1)!, { bytes: 100_000 })
          await simulation.sleep(10_000)
          const tips = new Set(simulation.nodes.map(({ chain }) => Buffer.from(chain.tip().hash).toString('hex')))
          const next = simulation.mine(simulation.nodes[0]!)
          const since = simulation.now
          await simulation.untilInStep({ within: 10 * MINUTE })
          rows.push([`${gap} ms apart`, tips.size, next.count, Math.round(simulation.now - since)])
          await simulation.sleep(10_000)
        }
      }
    })

    return { title: 'Fork', columns: ['blocks', 'tips after 10 s', 'nodes with the next', 'in step after [ms]'], rows, chart: { label: 0, value: 3, unit: 'ms' } }
  }
}

/** Nodes that announce blocks and do not send them. */
export const withholding: Scenario = {
  about: 'a share of the nodes announces blocks and sends none',
  run: async (options) => {
    const nodes = options.nodes ?? 100
    const rows: (string | number)[][] = []

    for (const share of [0, 0.1, 0.3, 0.5]) {
      rows.push(...await table(options, `${100 * share} % withhold`, {
        nodes,
        node: (index) => index >= nodes * share ? {} : { tamper: (message) => decodeMessage(message).message?.type === 'newBlock' ? [] : [message] },
        script: async (simulation, rows) => {
          await simulation.untilConnected(2)
          const among = simulation.nodes.map(({ index }) => index).filter((index) => index >= nodes * share)
          const item = simulation.mine(simulation.nodes.at(-1)!, { bytes: 200_000 })
          await simulation.untilHeard(item, { among, within: 10 * MINUTE })
          const delays = among.map((index) => item.heardAt[index]! - item.at).sort((a, b) => a - b)
          rows.push([`${100 * share} %`, Math.round(quantile(delays, 0.5)), Math.round(delays.at(-1)!)])
        }
      }))
    }

    return { title: 'Withholding', columns: ['withhold', 'half [ms]', 'all honest [ms]'], rows, chart: { label: 0, value: 2, unit: 'ms' } }
  }
}

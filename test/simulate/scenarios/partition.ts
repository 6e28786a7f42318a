import { MINUTE, rowsOf, SECOND } from '../scenario.ts'
import type { Row } from '../result.ts'
import type { Scenario, ScenarioOptions } from '../scenario.ts'

/** Runs of each row, each with another seed. */
const RUNS = 3

/** How long the nodes may take to come together. */
const AIM_MS: number = 3 * MINUTE

/** A network in two halves that mine apart, and come together again. */
export const partition: Scenario = {
  about: 'two halves mine apart, and come together again',
  details: `Each half makes a block a minute. The table says after how long all nodes are on the longer chain: in the best and in the worst of ${RUNS} runs.`,
  nodes: 40,
  run: async (options) => {
    const rows: Row[] = []

    for (const minutes of [1, 5, 20]) {
      const times: number[] = []

      for (let run = 0; run < RUNS; run++) {
        times.push(...await healingTimes({ ...options, seed: `${options.seed} ${run}` }, minutes))
      }

      rows.push([`${minutes} min`, minutes + 1, Math.round(Math.min(...times) / SECOND), Math.round(Math.max(...times) / SECOND)])
    }

    return {
      title: 'Partition',
      columns: ['apart', 'blocks', 'best [s]', 'worst [s]'],
      rows,
      aims: [{ what: `all nodes are in step after ${AIM_MS / MINUTE} min`, isMet: rows.every((row) => Number(row[3]) * SECOND <= AIM_MS) }],
      chart: { label: 0, value: 3, unit: 's' }
    }
  }
}

async function healingTimes (options: ScenarioOptions, minutes: number): Promise<number[]> {
  const [row] = await rowsOf(options, `apart for ${minutes} min`, {
    topology: { seeds: 3 },
    script: async (simulation, rows) => {
      const { nodes } = simulation
      await simulation.sleep(MINUTE)
      simulation.partition(nodes.slice(0, Math.floor(nodes.length / 2)).map(({ index }) => index))

      for (let minute = 0; minute < minutes; minute++) {
        await simulation.sleep(MINUTE)
        simulation.mine(nodes[0]!)
        simulation.mine(nodes.at(-1)!)
      }

      simulation.mine(nodes.at(-1)!)
      simulation.heal()
      const since = simulation.now
      await simulation.untilInStep({ within: 60 * MINUTE })
      rows.push([simulation.now - since])
    }
  })

  return row!.map(Number)
}

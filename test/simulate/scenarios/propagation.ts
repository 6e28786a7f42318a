import { simulate } from '../../../src/testing/index.ts'
import { common, MINUTE, quantile } from '../scenario.ts'
import type { Row } from '../result.ts'
import type { Scenario, ScenarioOptions } from '../scenario.ts'
import type { Simulation } from '../../../src/testing/index.ts'

/** Items of each size in each network. */
const ITEMS = 3

/** `scale` has a byte above 4 KiB stand for as many. A block that is announced at its size is to be announced at the smaller one too. */
interface Size { name: string, type: 'newBlock' | 'newTransaction', bytes: number, scale?: number }

const SIZES: readonly Size[] = [
  { name: 'transaction of 500 B', type: 'newTransaction', bytes: 300 },
  { name: 'block of 10 KB', type: 'newBlock', bytes: 10_000 },
  { name: 'block of 100 KB', type: 'newBlock', bytes: 100_000 },
  { name: 'block of 1 MiB', type: 'newBlock', bytes: 1024 * 1024, scale: 16 }
]

/** How long an item takes to all nodes, and in how many copies, for several sizes and degrees. */
export const propagation: Scenario = {
  about: 'transactions and blocks of several sizes, in networks of degree 4, 8 and 16',
  details: `The table says after how long half of the nodes have an item and 99 % of them, and how many copies of it come to each node. Each row is of ${ITEMS} items, which random nodes make.`,
  nodes: 100,
  run: async (options) => {
    const rows: Row[] = []

    for (const size of SIZES) {
      for (const degree of [4, 8, 16]) {
        rows.push(await spread(options, size, degree))
      }
    }

    return {
      title: `Propagation among ${options.nodes} nodes`,
      columns: ['item', 'half [ms]', '99 % [ms]', 'copies'],
      rows,
      chart: { label: 0, value: 2, unit: 'ms' }
    }
  }
}

async function spread (options: ScenarioOptions, size: Size, degree: number): Promise<Row> {
  const name = `${size.name}, degree ${degree}`
  const report = await simulate({
    ...common(options, name),
    nodes: options.nodes,
    topology: { degree },
    scale: size.scale ?? 1,
    script: async (simulation) => {
      await simulation.untilConnected(2)

      for (let item = 0; item < ITEMS; item++) {
        await simulation.untilHeard(make(simulation, size), { within: 10 * MINUTE })
        await simulation.sleep(MINUTE / 2)
      }
    }
  })
  const delays = report.items.flatMap((item) => item.delays()).sort((a, b) => a - b)
  const copies = report.nodes.reduce((sum, { messages }) => sum + (messages[size.type] ?? 0), 0) / ITEMS / (options.nodes - 1)

  return [name, Math.round(quantile(delays, 0.5)), Math.round(quantile(delays, 0.99)), copies.toFixed(2)]
}

function make (simulation: Simulation, { type, bytes }: Size): ReturnType<Simulation['mine']> {
  const node = simulation.nodes[Math.floor(simulation.chance.random() * simulation.nodes.length)]!

  return type === 'newBlock' ? simulation.mine(node, { bytes }) : simulation.pay(node, { bytes })
}

import { simulate } from '../../../src/testing/index.ts'
import { common, MINUTE, quantile } from '../scenario.ts'
import type { Row } from '../result.ts'
import type { Scenario, ScenarioOptions } from '../scenario.ts'
import type { LinkOptions } from '../../../src/testing/index.ts'

const BLOCK_BYTES = 1024 * 1024

/** Blocks in each network. */
const BLOCKS = 3

/** Above 4 KiB a byte stands for as many. */
const SCALE = 16

/** 20 Mbit/s. */
const SPEED = 2_500_000

const NETWORKS: readonly [name: string, links: LinkOptions][] = [
  ['each link', { upload: Infinity, download: SPEED }],
  ['all links of a node', { upload: SPEED, download: SPEED }],
  ['none has a limit', { upload: Infinity, download: Infinity }]
]

/** How whole blocks spread where all links of a node share what it can send. */
export const uplink: Scenario = {
  about: 'whole blocks where 20 Mbit/s are for each link, and for all links of a node',
  details: 'The table says after how long half of the nodes have a block and 99 % of them, and how many bytes a node receives for each of its bytes. The blocks have one transaction, so that none is compact.',
  nodes: 200,
  run: async (options) => {
    const rows: Row[] = []

    for (const [name, links] of NETWORKS) {
      rows.push(await spread(options, name, links))
    }

    return { title: `Whole blocks among ${options.nodes} nodes`, columns: ['20 Mbit/s for', 'half [ms]', '99 % [ms]', 'bytes'], rows, chart: { label: 0, value: 1, unit: 'ms' } }
  }
}

async function spread (options: ScenarioOptions, name: string, links: LinkOptions): Promise<Row> {
  let received = NaN
  const report = await simulate({
    ...common(options, name),
    nodes: options.nodes,
    topology: { degree: 8 },
    scale: SCALE,
    links,
    script: async (simulation) => {
      await simulation.untilConnected(2)
      const bytes = (): number => simulation.nodes.reduce((sum, node) => sum + node.received, 0)
      const before = bytes()

      for (let block = 0; block < BLOCKS; block++) {
        const node = simulation.nodes[Math.floor(simulation.chance.random() * simulation.nodes.length)]!
        await simulation.untilHeard(simulation.mine(node, { bytes: BLOCK_BYTES }), { within: 10 * MINUTE })
        await simulation.sleep(MINUTE / 2)
      }

      received = (bytes() - before) / options.nodes / BLOCKS / BLOCK_BYTES
    }
  })
  const delays = report.items.flatMap((item) => item.delays()).sort((a, b) => a - b)

  return [name, Math.round(quantile(delays, 0.5)), Math.round(quantile(delays, 0.99)), received.toFixed(2)]
}

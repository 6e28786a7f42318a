import { simulate } from '../../../src/testing/index.ts'
import { acquaintances } from '../acquaintances.ts'
import { common, MINUTE, quantile, SECOND } from '../scenario.ts'
import { FEW_PEERS } from '../../../src/connect/exchange/feelers.ts'
import type { Row } from '../result.ts'
import type { Scenario } from '../scenario.ts'
import type { SimulatedItem, SimulatedNode, Simulation } from '../../../src/testing/index.ts'

const MINUTES = 10
const DEGREE = 8
const BLOCK_BYTES = 10_000
const TRANSACTION_BYTES = 300

/** Peers that each node has met before: so many that it seeks no more of them than a node does that has run for long. */
const MET: number = FEW_PEERS + 16

/** How long the network goes on after the last item, so that it comes to all nodes. */
const REST_MS: number = 30 * SECOND

/** What the whole run may take, for as many nodes. */
const AIM = { nodes: 1000, seconds: 300, gibibytes: 4 }

/** A large network in its everyday life. */
export const steady: Scenario = {
  about: `a block a minute and a transaction a second for ${MINUTES} min, in a network of degree ${DEGREE}`,
  details: `The nodes have run before, and each has met ${MET} others. Random nodes make blocks of ${BLOCK_BYTES / 1000} KB, and transactions. The table says of the items of each minute after how long half of the nodes have one and 99 % of them, how many copies of a transaction came to each node, and how much processor time and memory the simulation has taken until then.`,
  nodes: AIM.nodes,
  run: async (options) => {
    const rows: Row[] = []
    const before = process.cpuUsage()
    const seconds = (): number => {
      const { user, system } = process.cpuUsage(before)

      return (user + system) / 1e6
    }

    const { items } = await simulate({
      ...common(options, 'steady'),
      nodes: options.nodes,
      topology: { degree: DEGREE },
      node: acquaintances({ seed: options.seed, nodes: options.nodes, met: MET }),
      script: async (simulation) => {
        await simulation.untilConnected(2)

        for (let minute = 1, copies = 0; minute <= MINUTES; minute++) {
          const items = await live(simulation)
          const made = items.length - 1
          const before = copies
          copies = simulation.messages('newTransaction')
          rows.push([
            `minute ${minute}`,
            ...delaysOf(items),
            ((copies - before) / made / (options.nodes - 1)).toFixed(2),
            seconds().toFixed(0),
            Math.round(process.memoryUsage.rss() / 2 ** 20)
          ])
        }

        await simulation.sleep(REST_MS)
      }
    })

    const everywhere = items.every(({ count }) => count === options.nodes)
    const spent = seconds()
    const gibibytes = process.resourceUsage().maxRSS / 2 ** 20

    return {
      title: `Steady traffic among ${options.nodes} nodes`,
      columns: ['items of', 'half [ms]', '99 % [ms]', 'copies', 'processor time so far [s]', 'memory [MiB]'],
      rows,
      chart: { label: 0, value: 2, unit: 'ms' },
      aims: [
        { what: `each of the ${items.length} blocks and transactions comes to all nodes`, isMet: everywhere },
        ...options.nodes < AIM.nodes
          ? []
          : [
              { what: `at most ${AIM.seconds} s of processor time (${spent.toFixed(0)} s)`, isMet: spent <= AIM.seconds },
              { what: `at most ${AIM.gibibytes} GiB of memory (${gibibytes.toFixed(1)} GiB)`, isMet: gibibytes <= AIM.gibibytes }
            ]
      ]
    }
  }
}

/** A minute of traffic. */
async function live (simulation: Simulation): Promise<SimulatedItem[]> {
  const items = [simulation.mine(anyOf(simulation), { bytes: BLOCK_BYTES })]

  for (let second = 0; second < MINUTE / SECOND; second++) {
    items.push(simulation.pay(anyOf(simulation), { bytes: TRANSACTION_BYTES }))
    await simulation.sleep(SECOND)
  }

  return items
}

function delaysOf (items: readonly SimulatedItem[]): number[] {
  const delays = items.flatMap((item) => item.delays()).sort((a, b) => a - b)

  return [0.5, 0.99].map((share) => Math.round(quantile(delays, share)))
}

function anyOf ({ nodes, chance }: Simulation): SimulatedNode {
  return nodes[Math.floor(chance.random() * nodes.length)]!
}

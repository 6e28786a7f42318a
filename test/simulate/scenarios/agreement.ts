import { makeItem } from '../../../bench/programs/gossip/item.ts'
import { NO_LIMITS } from '../../../bench/programs/limits.ts'
import { BLOCKS, FIRST, measurePropagation, PER_PROCESS, publisherOf, STRIDES, TRANSACTIONS, WARM_UP } from '../../../bench/scenarios/propagation.ts'
import { simulate } from '../../../src/testing/index.ts'
import { common, MINUTE } from '../scenario.ts'
import type { Row } from '../result.ts'
import type { Scenario, ScenarioOptions } from '../scenario.ts'
import type { Figures } from '../../../bench/benchmark.ts'
import type { Traffic } from '../../../bench/scenarios/propagation.ts'
import type { Handlers } from '../../../src/index.ts'
import type { LinkOptions, Simulation } from '../../../src/testing/index.ts'

/** Runs of the real nodes, of which the one with the fewest bytes counts: on a busy machine nodes are late, and are asked again. */
const ROUNDS = 3

/** How far the two may be apart. */
const AIM_PERCENT = 5

/** How long the nodes settle before anything is counted, in ms. */
const SETTLE_MS = 3000

/** Links of one machine. */
const LOOPBACK: LinkOptions = { latency: 0.1, upload: Infinity, download: Infinity }

/** What is compared: for each item and node. */
interface Spread { received: number, copies: number }

/** The same network and traffic twice: simulated, and of real nodes on TCP. */
export const agreement: Scenario = {
  about: 'the same traffic among simulated nodes, and among real ones over TCP',
  details: `The nodes and the traffic are those of the benchmarks network-blocks and network-transactions: blocks of 1 MiB, and 20 transactions a second. The real nodes are in processes of ${PER_PROCESS}. The table says how many bytes come to a node for each item, and how often the item does. The machine should do nothing else meanwhile.`,
  nodes: 50,
  run: async (options) => {
    const processes = Math.max(2, Math.round(options.nodes / PER_PROCESS))
    const nodes = processes * PER_PROCESS
    const rows: Row[] = []

    for (const [name, traffic] of [['block', BLOCKS], ['transaction', TRANSACTIONS]] as const) {
      const { received, copies } = await spreadOf(options, traffic, nodes)
      const real = await leastOf(async () => measurePropagation('ours', traffic, processes))
      rows.push(
        rowOf(`bytes for a ${name}`, real['received']!, received),
        rowOf(`copies of a ${name}`, real['copies']!, copies)
      )
    }

    return {
      title: `Agreement of ${nodes} simulated and real nodes`,
      columns: ['figure', 'real', 'simulated', 'difference [%]'],
      rows,
      aims: [{ what: `no figure differs by more than ${AIM_PERCENT} %`, isMet: rows.every((row) => Math.abs(Number(row[3])) <= AIM_PERCENT) }],
      chart: { label: 0, value: 3, unit: '%' }
    }
  }
}

async function leastOf (measure: () => Promise<Figures>): Promise<Figures> {
  const runs: Figures[] = []

  while (runs.length < ROUNDS) {
    runs.push(await measure())
  }

  return runs.reduce((least, run) => run['received']! < least['received']! ? run : least)
}

function rowOf (name: string, real: number, simulated: number): Row {
  const digits = real < 100 ? 3 : 0

  return [name, real.toFixed(digits), simulated.toFixed(digits), (100 * (simulated / real - 1)).toFixed(1)]
}

/** Runs the traffic of a benchmark through simulated nodes. */
async function spreadOf (options: ScenarioOptions, traffic: Traffic, nodes: number): Promise<Spread> {
  const network = new SimulatedTraffic(nodes)
  let spread: Spread | undefined

  await simulate({
    ...common(options, traffic.type),
    nodes,
    topology: Array.from({ length: nodes }, (_, node) => STRIDES.map((stride): [number, number] => [node, (node + stride) % nodes])).flat(),
    links: LOOPBACK,
    config: NO_LIMITS,
    node: () => ({ chain: false, handlers: network.handlers }),
    script: async (simulation) => {
      await simulation.untilConnected(2 * STRIDES.length)
      await simulation.sleep(SETTLE_MS)
      await network.publish(simulation, { ...traffic, count: WARM_UP }, 0)
      const before = totalsOf(simulation, traffic)
      await network.publish(simulation, traffic, FIRST)
      const after = totalsOf(simulation, traffic)
      const each = nodes * traffic.count
      spread = { received: (after.received - before.received) / each, copies: (after.copies - before.copies) / each }
    }
  })

  return spread!
}

/** What the benchmark does with its nodes. */
class SimulatedTraffic {
  readonly handlers: Partial<Handlers>
  readonly #nodes: number
  #arrived = 0
  #expected = 0

  constructor (nodes: number) {
    this.#nodes = nodes
    const onItem = (): 'accept' => {
      this.#arrived++

      return 'accept'
    }
    this.handlers = { newBlock: onItem, newTransaction: onItem }
  }

  async publish (simulation: Simulation, { type, bytes, count, intervalMs }: Traffic, first: number): Promise<void> {
    const start = simulation.now

    for (let index = 0; index < count; index++) {
      await simulation.sleep(Math.max(0, start + index * intervalMs - simulation.now))
      simulation.nodes[publisherOf(first + index, this.#nodes)]!.network.broadcast(makeItem({ type, bytes, number: first + index }))
      this.#expected += this.#nodes - 1

      if (intervalMs === 0) {
        await this.#untilArrived(simulation)
      }
    }

    await this.#untilArrived(simulation)
  }

  async #untilArrived (simulation: Simulation): Promise<void> {
    await simulation.until(() => this.#arrived === this.#expected, 'everything to be everywhere', { within: MINUTE })
  }
}

function totalsOf (simulation: Simulation, { type }: Traffic): Spread {
  return { received: simulation.nodes.reduce((sum, { received }) => sum + received, 0), copies: simulation.messages(type) }
}

import { decodeMessage } from '../../../src/index.ts'
import { sampleBlock, sampleHash, sampleTransaction, simulate } from '../../../src/testing/index.ts'
import { common, quantile, SECOND } from '../scenario.ts'
import type { Row } from '../result.ts'
import type { Scenario, ScenarioOptions } from '../scenario.ts'
import type { SimulatedNode, Simulation } from '../../../src/testing/index.ts'
import type { Transaction } from '../../../src/index.ts'

/** On average, and as chance has it. */
const TRANSACTIONS_PER_SECOND = 20
const TRANSACTION_BYTES = 400

const BLOCK_INTERVAL = 10 * SECOND
const BLOCKS = 8

/** The share of blocks that are to be put together without a question, where 1 % of the transactions that nodes send is lost. */
const AIM = 0.95

/** Transactions that do not come: lost on the way to a node, or refused by it, each as a share. */
interface Missing { lost: number, refused: number }

const MISSING: readonly Missing[] = [
  { lost: 0, refused: 0 }, { lost: 0.01, refused: 0 }, { lost: 0.05, refused: 0 }, { lost: 0, refused: 0.01 }
]

/** Blocks of transactions that arrive until the moment of the block. */
export const compact: Scenario = {
  about: 'compact blocks of transactions that arrive until the moment of the block',
  details: `Random nodes make ${TRANSACTIONS_PER_SECOND} transactions a second at random moments, and one makes a block of those that it has every ${BLOCK_INTERVAL / SECOND} s. A share of them is lost on each link, so that nodes ask others, or is refused by each node for good, which no sender of a block can know. The table says how many blocks were put together without a question, after one, or came whole, and after how long half of the nodes have a block.`,
  nodes: 20,
  run: async (options) => {
    const rows: Row[] = []

    for (const missing of MISSING) {
      rows.push(await spread(options, missing))
    }

    const share = rows[1]![2]

    return {
      title: `Compact blocks among ${options.nodes} nodes`,
      columns: ['transactions', 'blocks', 'no question [%]', 'a question [%]', 'whole [%]', 'half [ms]'],
      rows,
      aims: [{ what: `${100 * AIM} % without a question where 1 % is lost`, isMet: Number(share) >= 100 * AIM }],
      chart: { label: 0, value: 2, unit: '%' }
    }
  }
}

async function spread (options: ScenarioOptions, { lost, refused }: Missing): Promise<Row> {
  const name = refused > 0 ? `${100 * refused} % refused` : `${100 * lost} % lost`
  const pools = Array.from({ length: options.nodes }, () => new Map<string, Transaction>())
  const counts = { none: 0, asked: 0, whole: 0 }
  const delays: number[] = []

  await simulate({
    ...common(options, name),
    nodes: options.nodes,
    topology: { degree: 6 },
    node: (index) => ({
      chain: false,
      ...lost > 0 ? { tamper: (bytes, to) => isLost(bytes, `${index} ${to}`, lost) ? [] : [bytes] } : {},
      handlers: {
        newTransaction: (transaction) => {
          if (isDrawn(transaction.id, index, refused)) {
            return 'ignore'
          }

          pools[index]!.set(nameOf(transaction), transaction)

          return 'accept'
        }
      }
    }),
    script: async (simulation) => {
      let madeAt = NaN
      await simulation.untilConnected(3)
      simulation.nodes.forEach(({ network }) => {
        network.addEventListener('block:timeline', ({ detail: { compact } }) => {
          counts[compact == null ? 'whole' : compact.asked === 0 ? 'none' : 'asked']++
          delays.push(simulation.now - madeAt)
        })
      })

      for (let height = 1; height <= BLOCKS; height++) {
        await payFor(simulation, BLOCK_INTERVAL, pools)
        const node = anyOf(simulation)
        madeAt = simulation.now
        mine(node, height, pools)
        await simulation.until(() => delays.length >= height * (options.nodes - 1), 'a block to be everywhere')
      }
    }
  })

  const shareOf = (count: number): string => (100 * count / delays.length).toFixed(1)
  delays.sort((a, b) => a - b)

  return [name, delays.length, shareOf(counts.none), shareOf(counts.asked), shareOf(counts.whole), Math.round(quantile(delays, 0.5))]
}

/** Has random nodes make transactions for a while, with pauses as in a Poisson process. */
async function payFor (simulation: Simulation, ms: number, pools: readonly Map<string, Transaction>[]): Promise<void> {
  const end = simulation.now + ms
  const pause = (): number => -Math.log(1 - simulation.chance.random()) * SECOND / TRANSACTIONS_PER_SECOND

  for (let wait = pause(); simulation.now + wait < end; wait = pause()) {
    await simulation.sleep(wait)
    const { network, index } = anyOf(simulation)
    const id = sampleHash(`${simulation.seed} ${simulation.now} ${index}`)
    const transaction = sampleTransaction({ id, data: new Uint8Array(TRANSACTION_BYTES) })
    pools[index]!.set(nameOf(transaction), transaction)
    network.broadcast({ type: 'newTransaction', transaction })
  }

  await simulation.sleep(Math.max(0, end - simulation.now))
}

/** Has a node make a block of all transactions that it has and that no block has. */
function mine ({ network, index }: SimulatedNode, height: number, pools: readonly Map<string, Transaction>[]): void {
  const transactions = [...pools[index]!.values()]
  pools.forEach((pool) => { transactions.forEach((transaction) => { pool.delete(nameOf(transaction)) }) })
  network.broadcast({ type: 'newBlock', block: sampleBlock({ height, hash: sampleHash(`block ${height}`), transactions }) })
}

function anyOf ({ nodes, chance }: Simulation): SimulatedNode {
  return nodes[Math.floor(chance.random() * nodes.length)]!
}

function nameOf ({ id }: Transaction): string {
  return Buffer.from(id).toString('latin1')
}

function isLost (bytes: Uint8Array, link: string, share: number): boolean {
  const { message } = decodeMessage(bytes)

  return message?.type === 'newTransaction' && isDrawn(message.transaction.id, link, share)
}

/** Whether a transaction is one of a share: that of another node or link has others, and the same each time. */
function isDrawn (id: Uint8Array, of: string | number, share: number): boolean {
  const drawn = sampleHash(Buffer.concat([id, Buffer.from(String(of))]))

  return new DataView(drawn.buffer, drawn.byteOffset).getUint32(0) < share * 2 ** 32
}

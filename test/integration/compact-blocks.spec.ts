import assert from 'node:assert/strict'
import { DEADLINE_MS, nextEvent, startNode, stopNodes, connect } from './nodes.ts'
import { eventually } from '../support/eventually.ts'
import { sampleBlock, sampleTransaction } from '../support/sample.ts'
import { encodeBlock } from '../../src/index.ts'
import type { Block, BlockTimeline, Network, Transaction } from '../../src/index.ts'
import type { MessageType } from '../../src/types/message.ts'

const COUNT = 500

function transactionsOf (name: number, count = COUNT): Transaction[] {
  return Array.from({ length: count }, (_, index) => sampleTransaction({ nonce: BigInt(1000 * name + index), data: new Uint8Array(300) }))
}

/** How many messages of one kind came. */
function came (node: Network, type: MessageType): number {
  return node.status().bandwidth.in.byType[type]?.messages ?? 0
}

/** Has one node broadcast transactions, and waits until the others have them. */
async function spread (from: Network, to: Network[], transactions: Transaction[]): Promise<void> {
  const before = to.map((node) => node.status().memory.transactionPool.items!)
  transactions.forEach((transaction) => { from.broadcast({ type: 'newTransaction', transaction }) })
  const haveAll = (): boolean => {
    return to.every((node, index) => node.status().memory.transactionPool.items! >= before[index]! + transactions.length)
  }
  await eventually(haveAll, 'all transactions', { timeout: DEADLINE_MS })
}

/** Has a node broadcast a block, and waits until another one has it: the block as it came, and its way. */
async function pass (block: Block, from: Network, to: Network): Promise<{ block: Block, timeline: BlockTimeline }> {
  const arrival = nextEvent(to, 'block', ({ block: { height } }) => height === block.height)
  const timeline = nextEvent(to, 'block:timeline', ({ height }) => height === block.height)
  from.broadcast({ type: 'newBlock', block })

  return { block: (await arrival).block, timeline: await timeline }
}

describe('integration: compact blocks', function () {
  this.timeout(60_000)
  afterEach(stopNodes)

  /** Nodes in a line, each with options of its own. */
  async function line (...configs: Parameters<typeof startNode>[0][]): Promise<Network[]> {
    const nodes: Network[] = []

    for (const config of configs) {
      nodes.push(await startNode(config))

      if (nodes.length > 1) {
        await connect(nodes.at(-1)!, nodes.at(-2)!)
      }
    }

    return nodes
  }

  it('go over two hops for a fraction of the bytes, and are the same block, byte for byte', async () => {
    const [a, b, c] = await line({}, {}, {}) as [Network, Network, Network]
    const transactions = transactionsOf(1)
    await spread(a, [b, c], transactions)
    const block = sampleBlock({ height: 1, transactions })
    const before = b.status().bandwidth.in.bytes
    const passed = await pass(block, a, c)

    assert.deepEqual(encodeBlock(passed.block), encodeBlock(block))
    assert.equal(passed.timeline.compact?.asked, 0)
    assert.ok(passed.timeline.compact.at <= passed.timeline.received.at)
    assert.ok(b.status().bandwidth.in.bytes - before < encodeBlock(block).byteLength / 10)
    assert.deepEqual([came(b, 'compactBlock'), came(c, 'compactBlock'), came(b, 'newBlock'), came(c, 'newBlock')], [1, 1, 0, 0])
  })

  it('are prefilled with what only the node has that made the block', async () => {
    const [a, b, c] = await line({}, {}, {}) as [Network, Network, Network]
    const transactions = transactionsOf(3)
    await spread(a, [b, c], transactions.slice(5))
    const { timeline } = await pass(sampleBlock({ height: 3, transactions }), a, c)
    assert.equal(timeline.compact?.asked, 0)
    assert.ok(timeline.compact.prefilled >= 5)
    assert.deepEqual([came(a, 'requestTransactions'), came(b, 'requestTransactions')], [0, 0])
  })

  it('are put together where more is missing than was prefilled', async () => {
    const [a, b] = await line({}, {}) as [Network, Network]
    const transactions = transactionsOf(4)
    await spread(a, [b], transactions.slice(100))
    const { block, timeline } = await pass(sampleBlock({ height: 4, transactions }), a, b)
    assert.ok(timeline.compact!.asked > 0 && timeline.compact!.prefilled > 0)
    assert.equal(timeline.compact!.asked + timeline.compact!.prefilled, 100)
    assert.deepEqual([block.transactions.length, came(a, 'requestTransactions'), came(b, 'responseTransactions')], [COUNT, 1, 1])
  })

  it('are not noticed by a node that does not know them, at either side and in between', async () => {
    const old = { features: [] }
    const [a, b, c] = await line({}, old, {}) as [Network, Network, Network]
    const transactions = transactionsOf(5)
    await spread(a, [b, c], transactions)
    const there = await pass(sampleBlock({ height: 5, transactions }), a, c)
    const back = await pass(sampleBlock({ height: 6, transactions }), c, a)
    const last = nextEvent(c, 'block', ({ block: { height } }) => height === 7)
    const own = await pass(sampleBlock({ height: 7, transactions }), b, a)
    await last

    assert.deepEqual([there, back, own].map(({ timeline }) => timeline.compact), [undefined, undefined, undefined])
    assert.deepEqual([a, b, c].map((node) => [came(node, 'compactBlock'), came(node, 'newBlock')]), [[0, 2], [0, 2], [0, 2]])
    assert.deepEqual(b.status().bandwidth.in.byType.unknown, undefined)
    assert.deepEqual([[...b.peers].length, b.status().memory.bans.items], [2, 0])
  })
})

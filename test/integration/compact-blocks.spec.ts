import assert from 'node:assert/strict'
import { encodeBlock } from '../../src/index.ts'
import { createTestNetwork, sampleBlock, sampleTransactions } from '../../src/testing/index.ts'
import type { Block, BlockTimeline, Transaction } from '../../src/index.ts'
import type { TestNetwork, TestNode } from '../../src/testing/index.ts'
import type { MessageType } from '../../src/types/message.ts'

const COUNT = 500

function transactionsOf (name: number): Transaction[] {
  return sampleTransactions(COUNT, { seed: name, bytes: 300 })
}

/** How many messages of one kind came. */
function came ({ network }: TestNode, type: MessageType): number {
  return network.status().bandwidth.in.byType[type]?.messages ?? 0
}

/** Has one node broadcast transactions, and waits until all have them. */
async function spread (network: TestNetwork, from: TestNode, transactions: Transaction[]): Promise<void> {
  transactions.forEach((transaction) => { from.send(transaction) })

  for (const transaction of transactions) {
    await network.untilHeard(transaction)
  }
}

/** Has a node broadcast a block, and waits until another one has it: the block as it came, and its way. */
async function pass (block: Block, from: TestNode, to: TestNode): Promise<{ block: Block, timeline: BlockTimeline }> {
  const arrival = to.once('block', ({ block: { height } }) => height === block.height)
  const timeline = to.once('block:timeline', ({ height }) => height === block.height)
  from.network.broadcast({ type: 'newBlock', block })

  return { block: (await arrival).block, timeline: await timeline }
}

describe('integration: compact blocks', function () {
  this.timeout(60_000)

  it('go over two hops for a fraction of the bytes, and are the same block, byte for byte', async () => {
    await using network = await createTestNetwork({ nodes: 3, options: { chain: undefined } })
    const [a, b, c] = network.nodes
    const transactions = transactionsOf(1)
    await spread(network, a, transactions)
    const block = sampleBlock({ height: 1, transactions })
    const before = b.network.status().bandwidth.in.bytes
    const passed = await pass(block, a, c)

    assert.deepEqual(encodeBlock(passed.block), encodeBlock(block))
    assert.equal(passed.timeline.compact?.asked, 0)
    assert.ok(passed.timeline.compact.at <= passed.timeline.received.at)
    assert.ok(b.network.status().bandwidth.in.bytes - before < encodeBlock(block).byteLength / 10)
    assert.deepEqual([came(b, 'compactBlock'), came(c, 'compactBlock'), came(b, 'newBlock'), came(c, 'newBlock')], [1, 1, 0, 0])
  })

  it('are prefilled with what only the node has that made the block', async () => {
    await using network = await createTestNetwork({ nodes: 3, options: { chain: undefined } })
    const [a, b, c] = network.nodes
    const transactions = transactionsOf(3)
    await spread(network, a, transactions.slice(5))
    const { timeline } = await pass(sampleBlock({ height: 3, transactions }), a, c)
    assert.equal(timeline.compact?.asked, 0)
    assert.ok(timeline.compact.prefilled >= 5)
    assert.deepEqual([came(a, 'requestTransactions'), came(b, 'requestTransactions')], [0, 0])
  })

  it('are put together where more is missing than was prefilled', async () => {
    await using network = await createTestNetwork({ nodes: 2, options: { chain: undefined } })
    const [a, b] = network.nodes
    const transactions = transactionsOf(4)
    await spread(network, a, transactions.slice(100))
    const { block, timeline } = await pass(sampleBlock({ height: 4, transactions }), a, b)
    assert.ok(timeline.compact!.asked > 0 && timeline.compact!.prefilled > 0)
    assert.equal(timeline.compact!.asked + timeline.compact!.prefilled, 100)
    assert.deepEqual([block.transactions.length, came(a, 'requestTransactions'), came(b, 'responseTransactions')], [COUNT, 1, 1])
  })

  it('are not noticed by a node that does not know them, at either side and in between', async () => {
    await using network = await createTestNetwork({
      nodes: 3, options: (index) => ({ chain: undefined, ...index === 1 && { features: [] } })
    })
    const [a, b, c] = network.nodes
    const transactions = transactionsOf(5)
    await spread(network, a, transactions)
    const there = await pass(sampleBlock({ height: 5, transactions }), a, c)
    const back = await pass(sampleBlock({ height: 6, transactions }), c, a)
    const last = c.once('block', ({ block: { height } }) => height === 7)
    const own = await pass(sampleBlock({ height: 7, transactions }), b, a)
    await last

    assert.deepEqual([there, back, own].map(({ timeline }) => timeline.compact), [undefined, undefined, undefined])
    assert.deepEqual([a, b, c].map((node) => [came(node, 'compactBlock'), came(node, 'newBlock')]), [[0, 2], [0, 2], [0, 2]])
    const { bandwidth, memory, peers } = b.network.status()
    assert.deepEqual([bandwidth.in.byType.unknown, peers.length, memory.bans.items], [undefined, 2, 0])
  })
})

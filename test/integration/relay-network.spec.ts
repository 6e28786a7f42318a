import assert from 'node:assert/strict'
import { connect, startNode, stopNodes, untilQuiet } from './nodes.ts'
import { eventually, turns } from '../support/eventually.ts'
import { sampleBlock, sampleHash, sampleTransaction } from '../support/sample.ts'
import { encodeBlock } from '../../src/codec/items/items.ts'
import { ANNOUNCE_BYTES } from '../../src/gossip/send/distribution.ts'
import type { BroadcastMessage, Network } from '../../src/index.ts'

/** How long the nodes of a test may take for all that is sent, in ms. */
const PATIENCE_MS = 20_000

type Edge = [from: number, to: number]

/** Numbers from 0 to below 1 that are the same for the same seed (mulberry32). */
function createRandom (seed: number): () => number {
  let state = seed

  return () => {
    state = state + 0x6d2b79f5 | 0
    let mixed = Math.imul(state ^ state >>> 15, 1 | state)
    mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed

    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32
  }
}

function below (limit: number, random: () => number): number {
  return Math.floor(random() * limit)
}

/** The nodes in a random order, each with the next and the last with the first. */
function randomRing (count: number, random: () => number): Edge[] {
  const order = Array.from({ length: count }, (_, index) => index)

  for (let last = count - 1; last > 0; last--) {
    const chosen = below(last + 1, random)
    order.splice(last, 1, ...order.splice(chosen, 1, order[last]!))
  }

  return order.map((node, index) => [node, order[(index + 1) % count]!])
}

/** A connected graph in which each node has four others: two rings that have no edge in common. */
function randomGraph (count: number, random: () => number): Edge[] {
  const ring = randomRing(count, random)
  const known = new Set(ring.flatMap(([a, b]) => [`${a} ${b}`, `${b} ${a}`]))

  for (;;) {
    const other = randomRing(count, random)

    if (!other.some(([a, b]) => known.has(`${a} ${b}`))) {
      return [...ring, ...other]
    }
  }
}

/** Nodes of which some have sessions with each other, and what their handlers are asked about. */
class TestNetwork {
  readonly nodes: Network[]
  /** For each node how often it was asked about each item. */
  readonly asked: Map<string, number>[]
  readonly #sent: { from: number, name: string }[] = []

  private constructor (nodes: Network[], delay: (name: string) => Promise<void> | undefined) {
    this.nodes = nodes
    this.asked = nodes.map(() => new Map<string, number>())

    nodes.forEach(({ router }, index) => {
      const ask = (name: string): Promise<void> | undefined => {
        const asked = this.asked[index]!
        asked.set(name, (asked.get(name) ?? 0) + 1)

        return delay(name)
      }

      router.handle('newBlock', ({ height }) => ask(`block ${height}`))
      router.handle('newTransaction', ({ nonce }) => ask(`transaction ${nonce}`))
    })
  }

  /** Starts as many nodes. The handlers wait for what `delay` returns. */
  static async start (
    count: number, edges: Edge[], delay: (name: string) => Promise<void> | undefined = () => undefined
  ): Promise<TestNetwork> {
    const nodes = await Promise.all(Array.from({ length: count }, async () => startNode()))
    const network = new TestNetwork(nodes, delay)
    await Promise.all(edges.map(async ([from, to]) => connect(nodes[from]!, nodes[to]!)))
    assert.equal(nodes.reduce((sum, { peers }) => sum + [...peers].length, 0), 2 * edges.length)

    return network
  }

  /** All bytes that have come to the nodes. */
  get bytesIn (): number {
    return this.nodes.flatMap(({ peers }) => [...peers]).reduce((sum, { bytesIn }) => sum + bytesIn, 0)
  }

  broadcast (from: number, message: BroadcastMessage): void {
    const name = message.type === 'newBlock' ? `block ${message.block.height}` : `transaction ${message.transaction.nonce}`
    this.#sent.push({ from, name })
    assert.equal(this.nodes[from]!.broadcast(message).skipped, 0)
  }

  /** Waits until each node was asked about all that the others have sent, and checks that it was asked once. */
  async check (): Promise<void> {
    const isThere = (): boolean => {
      return this.asked.every((asked, index) => this.#sent.every(({ from, name }) => from === index || asked.has(name)))
    }

    await eventually(isThere, 'all items everywhere', { timeout: PATIENCE_MS })
    await untilQuiet(this.nodes)

    this.asked.forEach((asked, index) => {
      const others = this.#sent.filter(({ from }) => from !== index)
      assert.equal(asked.size, others.length)
      assert.deepEqual([...asked].filter(([, times]) => times !== 1), [])
    })
  }
}

/** A block that is another one for each height, and `bytes` longer than without them. */
function blockOf (height: number, bytes = 0): BroadcastMessage {
  return { type: 'newBlock', block: sampleBlock({ height, hash: sampleHash(height), proof: new Uint8Array(bytes) }) }
}

function transactionOf (nonce: number): BroadcastMessage {
  return { type: 'newTransaction', transaction: sampleTransaction({ nonce: BigInt(nonce) }) }
}

describe('integration/relay-network', () => {
  afterEach(stopNodes)

  const line: Edge[] = [[0, 1], [1, 2], [2, 3], [3, 4]]

  for (const [name, edges] of Object.entries<Edge[]>({
    line, ring: [...line, [4, 0]], star: [[0, 1], [0, 2], [0, 3], [0, 4]], clique: [...line, [4, 0], [0, 2], [2, 4], [4, 1], [1, 3], [3, 0]]
  })) {
    it(`of 5 nodes in a ${name}: all are asked about everything once, small and large`, async () => {
      const network = await TestNetwork.start(5, edges)

      for (let i = 0; i < 25; i++) {
        network.broadcast(i % 5, blockOf(2 * i))
        network.broadcast(i % 5, blockOf(2 * i + 1, ANNOUNCE_BYTES))
        network.broadcast((i + 1) % 5, transactionOf(i))
        await turns(1)
      }

      await network.check()
    })
  }

  it('of 5 nodes in a ring whose handlers take their time: copies that come meanwhile are not asked about', async () => {
    const random = createRandom(1)
    const network = await TestNetwork.start(5, [...line, [4, 0]], async () => turns(below(20, random)))

    for (let i = 0; i < 25; i++) {
      network.broadcast(i % 5, blockOf(2 * i))
      network.broadcast(i % 5, blockOf(2 * i + 1, ANNOUNCE_BYTES))
      network.broadcast((i + 1) % 5, transactionOf(i))
      await turns(3)
    }

    await network.check()
  })

  for (const seed of [1, 2]) {
    it(`of 20 nodes with 4 peers each: 100 blocks and 2000 transactions, each of them once (seed ${seed})`, async function () {
      this.timeout(2 * PATIENCE_MS)
      const random = createRandom(seed)
      const network = await TestNetwork.start(20, randomGraph(20, random))

      for (let i = 0; i < 100; i++) {
        network.broadcast(below(20, random), blockOf(i, i % 5 === 0 ? 2 * ANNOUNCE_BYTES : 0))

        for (let j = 0; j < 20; j++) {
          network.broadcast(below(20, random), transactionOf(20 * i + j))
        }

        await turns(1)
      }

      await network.check()
    })
  }

  // Each block is sent to 3 peers unasked, and each of these walks through the network ends with at most one copy too many:
  // 1 + 3 / 19 = 1.16 times its bytes, besides what is asked for and comes unasked at the same time.
  it('of 20 nodes with 4 peers each: a block of 256 KiB comes to each no more than 1.3 times, on average', async function () {
    this.timeout(2 * PATIENCE_MS)
    const BLOCKS = 5
    const random = createRandom(3)
    const network = await TestNetwork.start(20, randomGraph(20, random))
    const before = network.bytesIn
    let bytes = 0

    for (let i = 0; i < BLOCKS; i++) {
      const message = blockOf(i, 256 * 1024)
      network.broadcast(below(20, random), message)
      await network.check()
      bytes += message.type === 'newBlock' ? encodeBlock(message.block).byteLength : 0
    }

    const copies = (network.bytesIn - before) / bytes / 19
    assert.ok(copies >= 1, `${copies} times: not all of it was counted`)
    assert.ok(copies <= 1.3, `${copies} times`)
  })
})

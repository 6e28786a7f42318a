import assert from 'node:assert/strict'
import { createTestNetwork, MemoryChain, sampleChain } from '../../src/testing/index.ts'
import type { TestNetwork, TestNode } from '../../src/testing/index.ts'

const TIES = 5
/** How many nodes, and how they are connected. */
type Shape = readonly [nodes: number, topology: 'full' | 'ring' | 'line']
const SHAPES: readonly Shape[] = [[2, 'full'], [5, 'ring'], [5, 'line'], [4, 'full']]

/** How soon after the block that ends a tie all nodes are in step: less than the 30 s after which a refused branch is tried again. */
const WITHIN_MS = 10_000

/** Has the first and the last node mine at the same height, until two nodes at least have refused the branch of the other side. */
async function tie (network: TestNetwork, name: string): Promise<void> {
  const { nodes } = network
  const { height } = nodes[0]!.mine(`${name} first`)
  nodes.at(-1)!.mine(`${name} last`)
  const hasRefused = ({ chain }: TestNode): boolean => chain.branches.some((branch) => branch.height === height && !branch.adopted)
  await network.until('two nodes to refuse a branch', async () => nodes.filter(hasRefused).length >= 2 && nodes.every(({ chain }) => chain.head.height === height))
}

/** A network that goes through its ties, and is in step after each. */
async function run ([nodes, topology]: Shape): Promise<void> {
  await using network = await createTestNetwork({
    nodes, topology, chain: () => new MemoryChain(sampleChain(2), { ties: 'first-seen' })
  })

  for (let round = 0; round < TIES; round++) {
    await tie(network, `tie ${round}`)
    const winner = network.nodes.at(round % 3 === 0 ? 0 : -1)!
    const { height } = winner.mine(`end ${round}`)
    await network.untilInStep({ within: WITHIN_MS })
    assert.deepEqual(network.nodes.map(({ chain }) => chain.head.height), network.nodes.map(() => height))
  }
}

describe('integration/ties', function () {
  this.timeout(60_000)

  const runs = new Map<Shape, Promise<void>>()

  // they wait more than they work, so all go at once
  before(() => {
    for (const shape of SHAPES) {
      const ended = run(shape)
      ended.catch(() => { /* its test says so */ })
      runs.set(shape, ended)
    }
  })

  for (const shape of SHAPES) {
    it(`${shape[0]} nodes (${shape[1]}) whose chains keep what they had first are in step a block after each of ${TIES} ties in a row`, async () => {
      await runs.get(shape)
    })
  }
})

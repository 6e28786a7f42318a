import assert from 'node:assert/strict'
import { createTestNetwork, growChain, MemoryChain, sampleChain } from '../../src/testing/index.ts'
import type { Block } from '../../src/index.ts'
import type { TestNetworkInit } from '../../src/testing/index.ts'

const chain = sampleChain(20)
const FORK = 10

/** Nodes each with its own beginning of the chain, and its own options. */
function each (blocks: readonly (readonly Block[])[], options: TestNetworkInit['options'][]): Pick<TestNetworkInit, 'chain' | 'options'> {
  return { chain: (index) => new MemoryChain(blocks[index]), options: (index) => options[index] as object }
}

describe('integration/forks', () => {
  it('a node that has passed a fork and one that has missed it tell each other WRONG_FORK, and do not dial again soon', async () => {
    await using network = await createTestNetwork({ nodes: 1, chain: chain.slice(0, FORK + 1), options: { forks: [FORK] } })
    const [upgraded] = network.nodes
    const refused = upgraded.once('peer:refused')
    const old = await network.add({ options: { forks: [], seedPeers: [upgraded.address] } })
    const { retryIn } = await old.once('dial:failed')

    assert.equal((await refused).reason, 'WRONG_FORK')
    assert.ok(retryIn >= 30 * 60_000, `tried again in ${retryIn} ms`)
  })

  it('nodes part when their chain passes a fork that only one of them plans, whoever brings the block, and others stay together', async () => {
    await using network = await createTestNetwork({
      nodes: 3, topology: [[0, 1], [0, 2]], chain: chain.slice(0, FORK), options: (index) => ({ forks: index < 2 ? [FORK] : [] })
    })
    const [upgraded, other, old] = network.nodes
    const parted = upgraded.once('peer:closed')
    const block = upgraded.mine()
    const { peer, reason } = await parted

    assert.deepEqual([peer.id, reason], [old.id, 'WRONG_FORK'])
    await network.until('the other one to have the block', async () => other.hasHeard(block))
    assert.deepEqual([...upgraded.network.peers].map(({ id }) => id), [other.id])
  })

  it('nodes part when a synchronisation passes the fork', async () => {
    const short = chain.slice(0, FORK - 5)
    await using network = await createTestNetwork({
      nodes: 3,
      topology: [[0, 1], [0, 2]],
      ...each([short, short, chain], [{ forks: [FORK], autoSync: false }, { forks: [], autoSync: false }, { forks: [FORK] }])
    })
    const [upgraded, , ahead] = network.nodes
    const parted = upgraded.once('peer:closed')

    await upgraded.network.sync()
    assert.equal((await parted).reason, 'WRONG_FORK')
    assert.deepEqual([...upgraded.network.peers].map(({ id }) => id), [ahead.id])
  })

  it('a node without a schedule is compared with none', async () => {
    await using network = await createTestNetwork({ nodes: 2, chain, options: (index) => index === 0 ? { forks: [FORK] } : {} })
    const [upgraded, plain] = network.nodes
    const { info, state } = await upgraded.peer(plain)

    assert.deepEqual([info?.forkId, state], [undefined, 'ready'])
  })
})

describe('integration/pruned nodes', () => {
  const long = growChain(sampleChain(1), 200, { fork: 'pruned' })

  class PrunedChain extends MemoryChain {
    readonly asked: number[] = []

    constructor () {
      super(long, { keep: 101 })
    }

    override get (height: number): ReturnType<MemoryChain['get']> {
      this.asked.push(height)

      return super.get(height)
    }
  }

  /** A client with `blocks`, which dials a pruned node and has yet to synchronise. */
  function clientOf (blocks: readonly Block[]): TestNetworkInit<MemoryChain, 2> {
    return {
      nodes: 2,
      chain: (index) => index === 0 ? new PrunedChain() : new MemoryChain(blocks),
      options: (index) => ({ autoSync: index === 0 })
    }
  }

  it('say what they keep, and are asked for nothing below', async () => {
    await using network = await createTestNetwork(clientOf(long.slice(0, 1)))
    const [pruned, client] = network.nodes
    const archive = await network.add({ chain: new MemoryChain(long) })
    await network.connect(1, archive.index)
    const { asked } = pruned.chain as PrunedChain
    asked.length = 0

    assert.equal((await client.peer(pruned)).lowestHeight, 100)
    assert.deepEqual(await client.network.sync(), { from: 0, height: 200, reorganised: false })
    assert.deepEqual(asked.filter((height) => height > 0 && height < 100), [])
  })

  it('are no help to a node that has nothing, which says so', async () => {
    await using network = await createTestNetwork(clientOf(long.slice(0, 1)))
    const { network: client } = network.nodes[1]

    await assert.rejects(client.sync(), { name: 'RequestError', code: 'UNAVAILABLE', message: /keeps no blocks below 100/ })
    assert.equal(await client.requestBlock(99), undefined)
    assert.equal((await client.requestBlock(100))?.height, 100)
  })

  it('bring a node on that has what they do not keep', async () => {
    await using network = await createTestNetwork(clientOf(long.slice(0, 100)))

    assert.deepEqual(await network.nodes[1].network.sync(), { from: 99, height: 200, reorganised: false })
  })
})

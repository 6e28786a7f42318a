import assert from 'node:assert/strict'
import { eventually } from '../support/eventually.ts'
import { growChain, MemoryChain } from '../support/memory-chain.ts'
import { sampleChain } from '../support/sample.ts'
import { addressOf, connect, nextEvent, startNode, stopNodes } from './nodes.ts'
import type { Block, Network, NetworkConfig } from '../../src/index.ts'

const chain = sampleChain(20)
const FORK = 10

async function startWith (blocks: readonly Block[], config: Partial<NetworkConfig>): Promise<{ network: Network, chain: MemoryChain }> {
  const chain = new MemoryChain(blocks)

  return { chain, network: await startNode({ chain, ...config }) }
}

describe('integration/forks', () => {
  afterEach(stopNodes)

  it('a node that has passed a fork and one that has missed it tell each other WRONG_FORK, and do not dial again soon', async () => {
    const upgraded = await startWith(chain.slice(0, FORK + 1), { forks: [FORK] })
    const refused = nextEvent(upgraded.network, 'peer:refused')
    const old = await startWith(chain.slice(0, FORK + 1), { forks: [], seedPeers: [addressOf(upgraded.network)] })
    const { retryIn } = await nextEvent(old.network, 'dial:failed')

    assert.equal((await refused).reason, 'WRONG_FORK')
    assert.ok(retryIn >= 30 * 60_000, `tried again in ${retryIn} ms`)
  })

  it('nodes part when their chain passes a fork that only one of them plans, whoever brings the block, and others stay together', async () => {
    const [upgraded, other, old] = await Promise.all([[FORK], [FORK], []].map(async (forks) => startWith(chain.slice(0, FORK), { forks })))
    await connect(upgraded!.network, other!.network)
    await connect(upgraded!.network, old!.network)
    const parted = nextEvent(upgraded!.network, 'peer:closed')
    upgraded!.chain.blocks.push(chain[FORK]!)
    upgraded!.network.broadcast({ type: 'newBlock', block: chain[FORK]! })
    const { peer, reason } = await parted

    assert.deepEqual([peer.id, reason], [old!.network.libp2p.peerId.toString(), 'WRONG_FORK'])
    await eventually(() => other!.chain.head.height === FORK, 'the other one to have the block')
    assert.deepEqual([...upgraded!.network.peers].map(({ id }) => id), [other!.network.libp2p.peerId.toString()])
  })

  it('nodes part when a synchronisation passes the fork', async () => {
    const upgraded = await startWith(chain.slice(0, FORK - 5), { forks: [FORK], autoSync: false })
    const old = await startWith(chain.slice(0, FORK - 5), { forks: [], autoSync: false })
    const ahead = await startWith(chain, { forks: [FORK] })
    await connect(upgraded.network, old.network)
    await connect(upgraded.network, ahead.network)
    const parted = nextEvent(upgraded.network, 'peer:closed')

    await upgraded.network.sync()
    assert.equal((await parted).reason, 'WRONG_FORK')
    assert.deepEqual([...upgraded.network.peers].map(({ id }) => id), [ahead.network.libp2p.peerId.toString()])
  })

  it('a node without a schedule is compared with none', async () => {
    const upgraded = await startWith(chain, { forks: [FORK] })
    const plain = await startWith(chain, {})
    const { there } = await connect(upgraded.network, plain.network)

    assert.deepEqual([there.info?.forkId, there.state], [undefined, 'ready'])
  })
})

describe('integration/pruned nodes', () => {
  afterEach(stopNodes)

  const long = growChain(sampleChain(1), 200, 'pruned')

  class PrunedChain extends MemoryChain {
    readonly asked: number[] = []

    constructor (blocks: readonly Block[]) {
      super(blocks, { keep: 101 })
    }

    override get (height: number): ReturnType<MemoryChain['get']> {
      this.asked.push(height)

      return super.get(height)
    }
  }

  it('say what they keep, and are asked for nothing below', async () => {
    const pruned = new PrunedChain(long)
    const server = await startNode({ chain: pruned })
    const archive = await startWith(long, {})
    const client = await startWith(long.slice(0, 1), { autoSync: false })
    const { there } = await connect(client.network, server)
    await connect(client.network, archive.network)
    pruned.asked.length = 0

    assert.equal(there.lowestHeight, 100)
    assert.deepEqual(await client.network.sync(), { from: 0, height: 200, reorganised: false })
    assert.deepEqual(pruned.asked.filter((height) => height > 0 && height < 100), [])
  })

  it('are no help to a node that has nothing, which says so', async () => {
    const server = await startNode({ chain: new PrunedChain(long) })
    const client = await startWith(long.slice(0, 1), { autoSync: false })
    await connect(client.network, server)

    await assert.rejects(client.network.sync(), { name: 'RequestError', code: 'UNAVAILABLE', message: /keeps no blocks below 100/ })
    assert.equal(await client.network.requestBlock(99), undefined)
    assert.equal((await client.network.requestBlock(100))?.height, 100)
  })

  it('bring a node on that has what they do not keep', async () => {
    const server = await startNode({ chain: new PrunedChain(long) })
    const client = await startWith(long.slice(0, 100), { autoSync: false })
    await connect(client.network, server)

    assert.deepEqual(await client.network.sync(), { from: 99, height: 200, reorganised: false })
  })
})

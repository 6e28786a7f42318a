import assert from 'node:assert/strict'
import { eventually } from '../support/eventually.ts'
import { growChain, MemoryChain } from '../support/memory-chain.ts'
import { sampleChain } from '../support/sample.ts'
import { canMakeHosts, TwoSides } from './hosts.ts'
import { killProcesses, NodeProcess } from './node-process.ts'
import { connect, startNode, stopNodes } from './nodes.ts'
import { encodeBlock } from '../../src/index.ts'
import type { Network } from '../../src/index.ts'
import type { Host } from './hosts.ts'

const CHAIN_LENGTH = 6
const PORT = 4001

/** How long a healed network may take to agree, in ms. */
const HEAL_TIMEOUT_MS = 10_000

describe('integration/partition', () => {
  afterEach(async () => {
    await killProcesses()
    await stopNodes()
  })

  describe('between hosts of their own, of which two sides are cut off from each other', () => {
    const sides = new TwoSides()

    before(async function () {
      if (!await canMakeHosts()) {
        console.log('      (skipped: network namespaces need root and the command `ip`)')
        this.skip()
      }
    })

    afterEach(async () => {
      await sides.remove()
    })

    /** Waits until each of these has so many sessions that were made and not ended. */
    async function whenConnected (children: NodeProcess[], count: number): Promise<void> {
      for (const child of children) {
        await eventually(() => child.peers === count, `a child to have ${count} peers`, { timeout: 20_000 })
      }
    }

    it('agrees on the longer chain, and of two equally long ones on that with the smaller hash', async function () {
      this.timeout(90_000)
      const hosts = await sides.create(2, 2)
      const seeds = [...hosts.left, ...hosts.right].map(addressOf)
      const start = async (host: Host): Promise<NodeProcess> => NodeProcess.start({
        listen: [addressOf(host)], seedPeers: seeds, pingInterval: 500, pingTimeout: 1500, dialTimeout: 1000
      }, { chain: { length: CHAIN_LENGTH }, host: host.name })
      const left = await Promise.all(hosts.left.map(start))
      const right = await Promise.all(hosts.right.map(start))
      const all = [...left, ...right]
      await whenConnected(all, 3)

      await sides.cut()
      await whenConnected(all, 1)
      await extend(left, { blocks: 3, fork: 'left' })
      await extend(right, { blocks: 5, fork: 'right' })
      await sides.heal()
      const longer = right[0]!.tip!
      await whenAgreed(all, longer.hash)
      await whenConnected(all, 3)

      await sides.cut()
      await whenConnected(all, 1)
      await extend(left, { blocks: 1, fork: 'left' })
      await extend(right, { blocks: 1, fork: 'right' })
      const [smaller] = [left[0]!.tip!.hash, right[0]!.tip!.hash].sort()
      await sides.heal()
      await whenAgreed(all, smaller!)
    })

    async function whenAgreed (children: NodeProcess[], hash: string): Promise<void> {
      await eventually(() => children.every(({ tip }) => tip?.hash === hash), 'all to have the same tip', { timeout: HEAL_TIMEOUT_MS })
    }

    /** One makes blocks, and the others of its side follow. */
    async function extend (side: NodeProcess[], { blocks, fork }: { blocks: number, fork: string }): Promise<void> {
      const [maker] = side
      const height = maker!.tip!.height + blocks

      for (let i = 0; i < blocks; i++) {
        maker!.make(fork)
      }

      await eventually(() => side.every(({ tip }) => tip?.height === height), `one side to be at block ${height}`)
    }
  })

  it('agrees on the longer chain where the sessions between two halves were cut and are made again', async () => {
    const left = await startHalf(3)
    const right = await startHalf(3)
    const all = [...left, ...right]
    await connect(left[2]!.network, right[2]!.network)
    cut(left[2]!.network, right[2]!.network)
    await eventually(() => left[2]!.network.peers.counts.inbound + left[2]!.network.peers.counts.outbound === 2, 'the sessions to end')

    extend(left[0]!, 'left', 4)
    extend(right[0]!, 'right', 3)
    await eventually(() => left.every(({ chain }) => chain.head.height === CHAIN_LENGTH + 3), 'the left half to follow')
    await eventually(() => right.every(({ chain }) => chain.head.height === CHAIN_LENGTH + 2), 'the right half to follow')
    left[2]!.network.peers.unban(idOf(right[2]!.network))
    right[2]!.network.peers.unban(idOf(left[2]!.network))
    await connect(left[2]!.network, right[2]!.network)
    const { hash } = left[0]!.chain.head
    await eventually(() => all.every(({ chain }) => Buffer.compare(chain.head.hash, hash) === 0), 'all to agree', { timeout: HEAL_TIMEOUT_MS })

    for (const { chain } of right) {
      assert.deepEqual(chain.blocks, left[0]!.chain.blocks)
      const changes = chain.branches.filter(({ adopted }) => adopted)
      assert.deepEqual(changes, [{ common: CHAIN_LENGTH - 1, height: CHAIN_LENGTH + 3, adopted: true }])
    }
  })
})

interface TestNode { network: Network, chain: MemoryChain }

/** So many nodes, each with a session with each other. */
async function startHalf (count: number): Promise<TestNode[]> {
  const genesis = sampleChain(1)[0]!
  const nodes: TestNode[] = []

  for (let i = 0; i < count; i++) {
    const chain = new MemoryChain(sampleChain(CHAIN_LENGTH))
    const network = await startNode({ chain, genesisHash: genesis.hash })

    for (const node of nodes) {
      await connect(network, node.network)
    }

    nodes.push({ chain, network })
  }

  return nodes
}

/** Makes blocks on top of a node's chain and broadcasts them. */
function extend ({ network, chain }: TestNode, fork: string, count: number): void {
  for (const block of growChain([chain.head], count, fork).slice(1)) {
    chain.push([{ block, bytes: encodeBlock(block) }])
    network.broadcast({ type: 'newBlock', block })
  }
}

function cut (a: Network, b: Network): void {
  a.peers.ban(idOf(b))
  b.peers.ban(idOf(a))
}

function idOf (network: Network): string {
  return network.libp2p.peerId.toString()
}

function addressOf ({ ip }: Host): string {
  return `/ip4/${ip}/tcp/${PORT}`
}

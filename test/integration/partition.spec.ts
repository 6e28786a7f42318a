import assert from 'node:assert/strict'
import { eventually } from '../support/eventually.ts'
import { sampleChain } from '../support/sample.ts'
import { canMakeHosts, TwoSides } from './hosts.ts'
import { killProcesses, NodeProcess } from './node-process.ts'
import { createTestNetwork } from '../../src/testing/index.ts'
import type { Host } from './hosts.ts'
import type { Edge } from '../../src/testing/index.ts'

const CHAIN_LENGTH = 6
const PORT = 4001

/** How long a healed network may take to agree, in ms. */
const HEAL_TIMEOUT_MS = 10_000

describe('integration/partition', () => {
  afterEach(async () => {
    await killProcesses()
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

  it('agrees on the longer chain where two halves were cut apart and are healed', async () => {
    const halves: Edge[] = [[0, 1], [1, 2], [2, 0], [3, 4], [4, 5], [5, 3]]
    await using network = await createTestNetwork({ nodes: 6, topology: [...halves, [2, 5]], chain: sampleChain(CHAIN_LENGTH) })
    const [left, right] = [network.nodes.slice(0, 3), network.nodes.slice(3)]
    network.partition([[0, 1, 2]])

    for (let i = 0; i < 4; i++) { left[0]!.mine('left') }
    for (let i = 0; i < 3; i++) { right[0]!.mine('right') }

    await network.until('each half to follow', () => {
      return network.nodes.every(({ chain, index }) => chain.head.height === CHAIN_LENGTH + (index < 3 ? 3 : 2))
    })
    network.heal()
    await network.untilInStep({ within: HEAL_TIMEOUT_MS })

    for (const { chain } of right) {
      assert.deepEqual(chain.blocks, left[0]!.chain.blocks)
      const changes = chain.branches.filter(({ adopted }) => adopted)
      assert.deepEqual(changes, [{ common: CHAIN_LENGTH - 1, height: CHAIN_LENGTH + 3, adopted: true }])
    }
  })
})

function addressOf ({ ip }: Host): string {
  return `/ip4/${ip}/tcp/${PORT}`
}

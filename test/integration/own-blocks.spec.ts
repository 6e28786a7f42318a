import assert from 'node:assert/strict'
import { createTestNetwork, MemoryChain, sampleChain } from '../../src/testing/index.ts'
import type { ReceivedBlock } from '../../src/index.ts'

const CHAIN = sampleChain(1500)

/** A chain whose application mines a block of its own, now and then, before blocks of peers are appended. */
class MinedChain extends MemoryChain {
  mined = 0

  override append (blocks: readonly ReceivedBlock[]): void {
    if (this.mined < 4) {
      this.mined++
      this.mine('own')
    }

    this.push(blocks)
  }
}

describe('integration/own-blocks', function () {
  this.timeout(30_000)

  for (const autoSync of [false, true]) {
    it(`a synchronisation goes on until no peer has more while the application mines, with autoSync: ${autoSync}`, async () => {
      await using network = await createTestNetwork({
        nodes: 2,
        topology: [],
        chain: (index) => index === 0 ? new MemoryChain(CHAIN) : new MinedChain(CHAIN.slice(0, 1)),
        options: { autoSync }
      })
      const [, { chain, network: behind }] = network.nodes
      await network.connect(1, 0)
      const { height } = await behind.sync({ signal: AbortSignal.timeout(20_000) })

      assert.equal(height, 1499)
      assert.deepEqual(chain.blocks, CHAIN)
      assert.equal((chain as MinedChain).mined, 4)
      assert.equal([...behind.peers].length, 1)
    })
  }
})

import assert from 'node:assert/strict'
import { nextEvent, startNode, stopNodes } from './nodes.ts'
import { killProcesses, NodeProcess } from './node-process.ts'
import { eventually } from '../support/eventually.ts'
import { growChain, MemoryChain } from '../support/memory-chain.ts'
import { olderTree, removeOlderTree } from '../support/older-tree.ts'
import { sampleChain, sampleTransaction } from '../support/sample.ts'
import { encodeBlock } from '../../src/index.ts'
import type { Network } from '../../src/index.ts'

const LENGTH = 60

/** Bytes of a block's proof: pushed in full, and announced. */
const SIZES = [100, 300_000]

describe('integration/older-node', function () {
  this.timeout(60_000)
  let tree: string
  let older: NodeProcess
  let left: Network
  let right: Network
  let leftChain: MemoryChain
  let rightChain: MemoryChain

  before(function () {
    const found = olderTree()

    if (found == null) {
      // a shallow clone
      this.skip()
    }

    tree = found
  })

  after(removeOlderTree)

  /** A node of today on each side of one from before features were negotiated, which has only the first block. */
  beforeEach(async () => {
    older = await NodeProcess.start({}, { tree, chain: { length: 1 } })
    leftChain = new MemoryChain(sampleChain(LENGTH))
    rightChain = new MemoryChain(sampleChain(1))
    left = await startNode({ chain: leftChain, genesisHash: leftChain.blocks[0]!.hash })
    right = await startNode({ chain: rightChain, genesisHash: leftChain.blocks[0]!.hash })
    await left.connect(older.address)
    await right.connect(older.address)
  })

  /** All of its sessions are there, with none of the features, and none has ended. */
  afterEach(async () => {
    if (older != null) {
      assert.deepEqual(older.reports.filter(({ event }) => event === 'closed'), [])
      assert.equal(older.errors, '')

      for (const node of [left, right]) {
        assert.deepEqual(node.peers.get(older.id)?.features, [])
        assert.deepEqual([...node.peers.bans], [])
      }
    }

    await stopNodes()
    await killProcesses()
  })

  it('synchronises with nodes of today, and they with it', async () => {
    await eventually(() => older.tip?.height === LENGTH - 1 && rightChain.head.height === LENGTH - 1, 'all to be in step')
    assert.deepEqual(rightChain.head.hash, leftChain.head.hash)
  })

  it('hands on transactions and blocks, whichever way these go', async () => {
    await eventually(() => older.tip?.height === LENGTH - 1 && rightChain.head.height === LENGTH - 1, 'all to be in step')
    let nonce = 0n

    for (const [from, chain, to, there] of [[left, leftChain, right, rightChain], [right, rightChain, left, leftChain]] as const) {
      const transaction = sampleTransaction({ nonce: nonce++ })
      const heard = nextEvent(to, 'transaction')
      from.broadcast({ type: 'newTransaction', transaction })
      assert.deepEqual((await heard).transaction, transaction)

      for (const size of SIZES) {
        const block = growChain([chain.head], 1, 'main', size)[1]!
        chain.push([{ block, bytes: encodeBlock(block) }])
        from.broadcast({ type: 'newBlock', block })
        await eventually(() => there.head.height === block.height && older.tip?.height === block.height, 'a block at all')
      }
    }
  })
})

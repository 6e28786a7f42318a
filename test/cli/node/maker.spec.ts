import assert from 'node:assert/strict'
import { BlockMaker } from '../../../src/cli/node/maker.ts'
import { Mempool } from '../../../src/cli/node/mempool.ts'
import { MAX_BLOCK_TRANSACTIONS, createRules } from '../../../src/cli/node/rules.ts'
import { InvalidBlockError, encodeBlock } from '../../../src/index.ts'
import { sampleHash, sampleTransaction } from '../../support/sample.ts'
import type { BlockMakerInit } from '../../../src/cli/node/maker.ts'
import type { Block, ReceivedBlock } from '../../../src/index.ts'

const RULES = createRules('maker-test')

/** A chain of which only the best block is kept. */
class HeadChain {
  head: Block = RULES.genesis

  async verify (): Promise<void> {}

  async append ([{ block, bytes }]: [ReceivedBlock]): Promise<void> {
    assert.equal(Buffer.compare(bytes, encodeBlock(block)), 0)
    this.head = block
  }
}

interface Scene { maker: BlockMaker, chain: HeadChain, mempool: Mempool, made: Block[] }

function create (overrides: Partial<BlockMakerInit> = {}, chain: HeadChain = new HeadChain()): Scene {
  const mempool = new Mempool()
  const made: Block[] = []
  const maker = new BlockMaker({
    chain,
    mempool,
    rules: RULES,
    isBehind: () => false,
    onBlock: (block) => {
      assert.equal(chain.head, block, 'it is in the chain by then')
      made.push(block)
    },
    ...overrides
  })

  return { mempool, made, maker, chain }
}

describe('cli/node/maker', () => {
  it('makes one valid block after the other, also without transactions', async () => {
    const { maker, made } = create()
    const time = RULES.genesis.timestamp + 5000
    await maker.make(time)
    await maker.make(time + 2000)
    assert.deepEqual(made.map(({ height, timestamp }) => [height, timestamp]), [[1, time], [2, time + 2000]])
    assert.equal(RULES.verifyBlock(made[0]!, RULES.genesis), undefined)
    assert.equal(RULES.verifyBlock(made[1]!, made[0]!), undefined)
  })

  it(`puts in what waits longest, ${MAX_BLOCK_TRANSACTIONS} at most`, async () => {
    const { maker, made, mempool } = create()
    const waiting = Array.from({ length: MAX_BLOCK_TRANSACTIONS + 1 }, (_, i) => sampleTransaction({ id: sampleHash(i) }))
    waiting.forEach((transaction) => { mempool.add(transaction) })
    await maker.make()
    assert.deepEqual(made[0]?.transactions, waiting.slice(0, MAX_BLOCK_TRANSACTIONS))
  })

  it('makes none while the chain is behind the network', async () => {
    let behind = true
    const { maker, made, chain } = create({ isBehind: () => behind })
    await maker.make()
    assert.deepEqual([made.length, chain.head.height], [0, 0])
    behind = false
    await maker.make()
    assert.deepEqual([made.length, chain.head.height], [1, 1])
  })

  it('reports no block whose height was taken', async () => {
    const chain = new HeadChain()
    const other = RULES.makeBlock(RULES.genesis, [], RULES.genesis.timestamp + 1)
    chain.append = async () => {
      chain.head = other
      throw new Error('does not fit any more')
    }
    const { maker, made } = create({}, chain)
    await maker.make()
    assert.deepEqual(made, [])
  })

  it('throws where its block cannot be written', async () => {
    const chain = new HeadChain()
    chain.append = async () => { throw new Error('no room on the disk') }
    const { maker, made } = create({}, chain)
    await assert.rejects(maker.make(), { message: 'no room on the disk' })
    assert.deepEqual(made, [])
  })

  it('throws where its block breaks the rules, and appends it to nothing', async () => {
    const chain = new HeadChain()
    chain.verify = () => { throw new InvalidBlockError('why') }
    const { maker, made } = create({}, chain)
    await assert.rejects(maker.make(), { name: 'InvalidBlockError', message: 'why' })
    assert.deepEqual([made.length, chain.head.height], [0, 0])
  })
})

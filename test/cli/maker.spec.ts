import assert from 'node:assert/strict'
import { BlockMaker } from '../../src/cli/maker.ts'
import { Mempool } from '../../src/cli/mempool.ts'
import { MAX_BLOCK_TRANSACTIONS, createRules } from '../../src/cli/rules.ts'
import { sampleHash, sampleTransaction } from '../sample.ts'
import type { BlockMakerInit } from '../../src/cli/maker.ts'
import type { Block } from '../../src/index.ts'

const RULES = createRules('maker-test')

function create (overrides: Partial<BlockMakerInit['follower']> = {}): { maker: BlockMaker, mempool: Mempool, made: Block[] } {
  const chain = { head: RULES.genesis }
  const mempool = new Mempool()
  const made: Block[] = []
  const follower: BlockMakerInit['follower'] = {
    catchingUp: false,
    append: async (block) => {
      chain.head = block
      return { verdict: 'accept' }
    },
    ...overrides
  }

  const maker = new BlockMaker({ chain, mempool, rules: RULES, follower, onBlock: (block) => { made.push(block) } })

  return { mempool, made, maker }
}

describe('cli/maker', () => {
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
    const { maker, made } = create({ catchingUp: true })
    await maker.make()
    assert.deepEqual(made, [])
  })

  it('tells nobody of a block whose place was taken', async () => {
    const { maker, made } = create({ append: async () => ({ verdict: 'ignore' }) })
    await maker.make()
    assert.deepEqual(made, [])
  })

  it('throws where its block breaks the rules', async () => {
    const { maker, made } = create({ append: async () => ({ verdict: 'reject', reason: 'why' }) })
    await assert.rejects(maker.make(), { message: 'Block 1 was made against the rules: why' })
    assert.deepEqual(made, [])
  })
})

import assert from 'node:assert/strict'
import { FakeClock } from '../../support/fake-clock.ts'
import { isPending } from '../../support/eventually.ts'
import { decodeBlock, decodeTransaction, encodeBlock, encodeTransaction } from '../../../src/index.ts'
import { growChain, MemoryChain, received, sampleChain, sampleTransactions } from '../../../src/testing/index.ts'
import type { Block, ReceivedBlock } from '../../../src/index.ts'

const blocks = sampleChain(5)

function branchOf (chain: MemoryChain, branch: readonly Block[]): Parameters<MemoryChain['reorganise']>[0] {
  return { common: chain.blocks[branch[0]!.height - 1]!, height: branch.at(-1)!.height, blocks: come(branch) }
}

async function * come (branch: readonly Block[]): AsyncGenerator<ReceivedBlock> {
  yield * branch.map(received)
}

describe('testing/chain', () => {
  it('has blocks and transactions that the wire takes, the same for the same seed', () => {
    assert.deepEqual(sampleChain(5), blocks)
    assert.notDeepEqual(sampleChain(1, 'other'), sampleChain(1))
    assert.deepEqual(blocks.map((block) => decodeBlock(encodeBlock(block))), blocks)
    const transactions = sampleTransactions(3, { seed: 7, bytes: 100 })
    assert.deepEqual(transactions.map((transaction) => decodeTransaction(encodeTransaction(transaction))), transactions)
    assert.deepEqual(sampleTransactions(2, { seed: 7, bytes: 100 }), transactions.slice(0, 2))
    assert.equal(new Set([...transactions, ...sampleTransactions(3)].map(({ id }) => id.toString())).size, 6)
    assert.equal(growChain(blocks, 2, { fork: 'a', transactions }).at(-1)!.transactions.length, 3)
  })

  it('appends what follows, and nothing else', () => {
    const chain = new MemoryChain(blocks.slice(0, 3))
    void chain.append(blocks.slice(3).map(received))
    assert.deepEqual([chain.blocks, chain.appended, chain.tip().height], [blocks, [[3, 4]], 4])
    assert.throws(() => { void chain.append([received(blocks[4]!)]) }, { name: 'ChainFaultError', code: 'EUNLINKED' })
    assert.throws(() => { chain.check({ ...blocks[4]!, timestamp: 1 }) }, { name: 'InvalidBlockError' })
    assert.throws(() => new MemoryChain([]), { name: 'ConfigError' })
    assert.throws(() => new MemoryChain(blocks.slice(1)), { name: 'ConfigError' })
    assert.throws(() => new MemoryChain(blocks, { keep: 0 }), { name: 'ConfigError' })
    assert.throws(() => new MemoryChain(blocks, { ties: 'longest' as 'first-seen' }), { name: 'ConfigError' })
  })

  it('forks, and takes the longer branch', async () => {
    const chain = new MemoryChain(blocks)
    const other = chain.fork(2, 4, 'other')
    assert.deepEqual([chain.commonHeight(other), other.commonHeight(chain), other.head.height], [2, 2, 6])
    assert.deepEqual(chain.fork(2, 4, 'other').blocks, other.blocks)
    assert.equal(chain.commonHeight(new MemoryChain(sampleChain(1, 'another'))), -1)
    assert.equal(await chain.reorganise(branchOf(chain, other.blocks.slice(3, 4))), false)
    assert.equal(await chain.reorganise(branchOf(chain, other.blocks.slice(3))), true)
    assert.deepEqual(chain.blocks, other.blocks)
    assert.deepEqual(chain.branches, [{ common: 2, height: 3, adopted: false }, { common: 2, height: 6, adopted: true }])
    assert.equal(chain.mine().height, 7)
  })

  it('takes of two equally long branches the one with the smaller hash, or keeps its own, as it is told', async () => {
    for (const ties of ['smaller-hash', 'first-seen'] as const) {
      const [a, b] = ['a', 'b'].map((name) => new MemoryChain(blocks, { ties }).fork(3, 1, name)) as [MemoryChain, MemoryChain]
      const isSmaller = Buffer.compare(b.head.hash, a.head.hash) < 0
      const [theirs, ours] = [b.blocks.slice(4), a.blocks.slice(4)]
      assert.equal(await a.reorganise(branchOf(a, theirs)), ties === 'smaller-hash' && isSmaller)
      assert.equal(await b.reorganise(branchOf(b, ours)), ties === 'smaller-hash' && !isSmaller)
      b.mine()
      assert.equal(await a.reorganise(branchOf(a, b.blocks.slice(a.commonHeight(b) + 1))), true)
    }
  })

  it('has room for so many blocks, and keeps so many', () => {
    const chain = new MemoryChain(blocks.slice(0, 3), { maxBlocks: 4, keep: 2 })
    assert.deepEqual([chain.lowestHeight?.(), chain.get(1), chain.get(0) != null], [1, encodeBlock(blocks[1]!), true])
    void chain.append([received(blocks[3]!)])
    assert.deepEqual([chain.lowestHeight?.(), chain.get(1), chain.get(2)], [2, undefined, encodeBlock(blocks[2]!)])
    assert.throws(() => { void chain.append([received(blocks[4]!)]) }, { name: 'ChainFaultError', code: 'ENOSPC' })
    assert.throws(() => { chain.mine() }, { code: 'ENOSPC' })
    assert.equal(new MemoryChain(blocks).lowestHeight, undefined)
  })

  it('is slow for as long as it is told', async () => {
    const clock = new FakeClock()
    const chain = new MemoryChain(blocks, { clock })
    const repair = chain.break({ kind: 'slow', ms: 500 })
    const slow = Promise.resolve(chain.get(1))
    await clock.advance(499)
    assert.equal(await isPending(slow), true)
    await clock.advance(1)
    assert.deepEqual(await slow, encodeBlock(blocks[1]!))
    repair()
    assert.deepEqual(chain.get(1), encodeBlock(blocks[1]!))
  })

  it('hangs until it is repaired', async () => {
    const chain = new MemoryChain(blocks.slice(0, 4))
    chain.break({ kind: 'hangs', on: ['append'] })
    const appended = Promise.resolve(chain.append([received(blocks[4]!)]))
    assert.equal(await isPending(appended), true)
    assert.equal(chain.head.height, 3)
    chain.repair()
    await appended
    assert.equal(chain.head.height, 4)
  })

  it('throws what it is told to, so many times', async () => {
    const chain = new MemoryChain(blocks)
    chain.break({ kind: 'throws', times: 2 })
    await assert.rejects(async () => chain.get(1), { name: 'ChainFaultError', code: 'EIO' })
    await assert.rejects(async () => chain.verify(blocks[4]!, blocks[3]!), { name: 'ChainFaultError', code: 'EIO' })
    assert.deepEqual(chain.get(1), encodeBlock(blocks[1]!))
    chain.break({ kind: 'throws', on: ['get'], error: new Error('mine') })
    await assert.rejects(async () => chain.get(1), { message: 'mine' })
    await chain.verify(blocks[4]!, blocks[3]!)
  })

  it('is full until it is repaired, and serves meanwhile', async () => {
    const chain = new MemoryChain(blocks.slice(0, 4))
    const repair = chain.break({ kind: 'full' })
    await assert.rejects(async () => chain.append([received(blocks[4]!)]), { name: 'ChainFaultError', code: 'ENOSPC' })
    await assert.rejects(async () => chain.reorganise(branchOf(chain, blocks.slice(4))), { code: 'ENOSPC' })
    assert.deepEqual(chain.get(1), encodeBlock(blocks[1]!))
    repair()
    await chain.append([received(blocks[4]!)])
    assert.equal(chain.head.height, 4)
  })
})

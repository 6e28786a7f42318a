import assert from 'node:assert/strict'
import { Mempool } from '../../../src/cli/node/mempool.ts'
import { sampleHash, sampleTransaction } from '../../support/sample.ts'
import type { Transaction } from '../../../src/index.ts'

function transactions (count: number): Transaction[] {
  return Array.from({ length: count }, (_, i) => sampleTransaction({ id: sampleHash(i) }))
}

describe('cli/node/mempool', () => {
  it('gives the oldest first, and keeps them', () => {
    const mempool = new Mempool()
    const all = transactions(5)
    all.forEach((transaction) => { mempool.add(transaction) })

    assert.deepEqual(mempool.first(3), all.slice(0, 3))
    assert.deepEqual(mempool.first(9), all)
    assert.equal(mempool.size, 5)
  })

  it('takes a transaction once', () => {
    const mempool = new Mempool()
    const [transaction] = transactions(1)
    assert.equal(mempool.add(transaction!), true)
    assert.equal(mempool.add({ ...transaction! }), false)
    assert.equal(mempool.size, 1)
  })

  it('takes N and refuses N + 1, until one is in a block', () => {
    const mempool = new Mempool(3)
    const [a, b, c, d] = transactions(4) as [Transaction, Transaction, Transaction, Transaction]
    assert.deepEqual([a, b, c, d].map((transaction) => mempool.add(transaction)), [true, true, true, false])
    assert.equal(mempool.size, 3)
    mempool.settle([a])
    assert.equal(mempool.add(d), true)
    assert.deepEqual(mempool.first(9), [b, c, d])
  })

  it('takes 10,000 unless told otherwise', () => {
    const mempool = new Mempool()
    const taken = transactions(10_001).map((transaction) => mempool.add(transaction))
    assert.equal(taken.filter((added) => added).length, 10_000)
    assert.equal(taken.at(-1), false)
  })

  it('takes no late copy of what is in a block, also where it never waited', () => {
    const mempool = new Mempool()
    const [a, b] = transactions(2) as [Transaction, Transaction]
    mempool.add(a)
    mempool.settle([a, b])
    assert.equal(mempool.size, 0)
    assert.deepEqual([mempool.has(a), mempool.has(b)], [true, true])
    assert.deepEqual([mempool.add(a), mempool.add(b)], [false, false])
  })

  it('remembers N that are in a block and forgets the oldest for one more', () => {
    const mempool = new Mempool(3)
    const all = transactions(4)
    mempool.settle(all.slice(0, 3))
    assert.deepEqual(all.map((transaction) => mempool.has(transaction)), [true, true, true, false])
    mempool.settle(all.slice(3))
    assert.deepEqual(all.map((transaction) => mempool.has(transaction)), [false, true, true, true])
  })

  it('lets wait again what was in a block that is gone, and what never waited too, as far as there is room', () => {
    const mempool = new Mempool(3)
    const [a, b, c, d] = transactions(4) as [Transaction, Transaction, Transaction, Transaction]
    mempool.add(a)
    mempool.settle([a, b])
    mempool.add(c)
    mempool.restore([a, b, d])
    assert.deepEqual(mempool.first(9), [c, a, b])
    mempool.settle([a])
    assert.deepEqual([mempool.has(a), mempool.size], [true, 2])
  })
})

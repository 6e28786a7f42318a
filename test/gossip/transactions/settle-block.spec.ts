import assert from 'node:assert/strict'
import { FakeClock } from '../../support/fake-clock.ts'
import { FakeSession } from '../../support/fake-session.ts'
import { sampleBlock, sampleTransaction } from '../../support/sample.ts'
import { digestKeyOf } from '../../../src/codec/digest.ts'
import { encodeBlock, encodeTransaction, writeItem } from '../../../src/codec/items/items.ts'
import { Gossip } from '../../../src/gossip/gossip.ts'
import { shortKeyOf } from '../../../src/gossip/digest-key.ts'
import { INBOUND_POOL_MS } from '../../../src/gossip/transactions/pool-at-connect.ts'
import { TransactionPool } from '../../../src/gossip/transactions/pool.ts'
import { settleBlock } from '../../../src/gossip/transactions/settle-block.ts'
import { seededChance, systemChance } from '../../../src/util/chance.ts'
import type { Transaction } from '../../../src/types/block.ts'

const plain = (bytes: Uint8Array): Uint8Array => Uint8Array.from(bytes)
const transactionOf = (number: number): Transaction => sampleTransaction({ nonce: BigInt(number) })
const keyOf = (number: number): string => digestKeyOf(plain(encodeTransaction(transactionOf(number))))
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index)
const blockOf = (numbers: number[]): Uint8Array => plain(encodeBlock(sampleBlock({ transactions: numbers.map(transactionOf) })))

describe('gossip/transactions/settle-block', () => {
  let clock: FakeClock
  let pool: TransactionPool

  beforeEach(() => {
    clock = new FakeClock()
    pool = new TransactionPool({ clock, chance: seededChance(7) })
  })

  afterEach(() => {
    pool.clear()
    assert.equal(clock.pending, 0)
  })

  function fill (numbers: number[]): void {
    numbers.forEach((number) => { pool.add(keyOf(number), plain(encodeTransaction(transactionOf(number)))) })
  }

  const unsettled = (): Set<string> => new Set(pool.unsettled())

  it('settles the transactions of a block, and keeps them', () => {
    fill(upTo(10))
    settleBlock(pool, { item: blockOf([1, 2, 3, 20]) })
    assert.deepEqual(unsettled(), new Set([0, 4, 5, 6, 7, 8, 9].map(keyOf)))
    assert.deepEqual([pool.size, pool.has(keyOf(2))], [10, true])
  })

  it('takes the digests where they are known, and looks at no bytes', () => {
    fill(upTo(3))
    settleBlock(pool, { item: new Uint8Array(0), origin: { digests: [undefined, keyOf(1), keyOf(9)], form: undefined } })
    assert.deepEqual(unsettled(), new Set([0, 2].map(keyOf)))
  })

  it('settles all of a large block of which it has a part', () => {
    const block = upTo(200)
    fill(block.filter((number) => number % 2 === 0))
    settleBlock(pool, { item: blockOf(block) })
    assert.equal(unsettled().size, 0)
  })

  it('leaves the pool alone for a block without transactions, and one of others', () => {
    fill([1, 2])
    settleBlock(pool, { item: blockOf([]) })
    settleBlock(pool, { item: blockOf([7, 8]) })
    assert.equal(unsettled().size, 2)
  })

  it('lets a peer that comes after a block hear of the others alone', async () => {
    const gossip = new Gossip({
      ...{ clock, chance: systemChance, maxFrameBytes: 1024 * 1024, maxPeers: 4, importer: { judge: () => 'accept' as const } },
      ...{ onOutcome: () => {}, onRefused: () => {} }
    })
    const [from, late] = [new FakeSession('from'), new FakeSession('late')]
    late.features = ['short-digests']
    gossip.onReady(from.session)
    upTo(4).forEach((number) => { void gossip.onMessage('newTransaction', plain(writeItem(encodeTransaction(transactionOf(number)))), from.session) })
    void gossip.onMessage('newBlock', plain(writeItem(blockOf([0, 2]))), from.session)
    gossip.onReady(late.session)
    await clock.advance(INBOUND_POOL_MS)
    const heard = late.queue.flatMap(({ shortDigests }) => shortDigests ?? [])
    gossip.stop()

    assert.deepEqual(new Set(heard), new Set([1, 3].map((number) => Buffer.from(shortKeyOf(keyOf(number)), 'latin1').toString('hex'))))
  })
})

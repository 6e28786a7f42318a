import assert from 'node:assert/strict'
import { FOLLOW_RATE, MAX_FOLLOWED_TRANSACTIONS, MAX_RECENT_TRANSACTIONS, TransactionFollower } from '../../../src/cli/node/transaction-follower.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { sampleTransaction } from '../../support/sample.ts'
import type { Block, Transaction } from '../../../src/index.ts'

const idOf = (n: number): string => n.toString(16).padStart(64, '0')
const transaction = (n: number): Transaction => ({ ...sampleTransaction(), id: Buffer.from(idOf(n), 'hex'), value: BigInt(n) })
const block = (height: number, ...ids: number[]): Pick<Block, 'height' | 'transactions'> => ({ height, transactions: ids.map(transaction) })

describe('cli/node/transaction-follower', () => {
  let clock: FakeClock
  let follower: TransactionFollower
  let told: string[]

  beforeEach(() => {
    clock = new FakeClock()
    follower = new TransactionFollower(clock)
    told = []
    follower.start({
      onFollowed: ({ id, from, at, value }) => { told.push(`${Number.parseInt(id, 16)} from ${from} at ${at - clock.date()} pays ${value}`) },
      onSettled: ({ id, height }) => { told.push(`${Number.parseInt(id, 16)} in ${height}`) }
    })
  })

  /** Has so many transactions come that none is followed by itself. */
  function exhaust (): void {
    for (let i = 0; i < FOLLOW_RATE.burst; i++) {
      follower.add(transaction(1_000_000 + i), 'a')
    }

    told = []
  }

  it('tells of a transaction and of its block, and of a block that has left the chain', () => {
    follower.add(transaction(1), 'a')
    follower.append(block(7, 1, 2))
    follower.drop(block(7, 1, 2))
    assert.deepEqual(told, ['1 from a at 0 pays 1', '1 in 7', '1 in null'])
  })

  it('follows a few by itself, however many there are', async () => {
    for (let i = 0; i < 5000; i++) {
      follower.add(transaction(i), 'a')
    }

    assert.equal(told.length, FOLLOW_RATE.burst)
    await clock.advance(1000)

    for (let i = 5000; i < 10_000; i++) {
      follower.add(transaction(i), 'a')
    }

    assert.equal(told.length, FOLLOW_RATE.burst + FOLLOW_RATE.perSecond)
  })

  it('follows one that it is told to, which comes later', () => {
    exhaust()
    follower.follow(idOf(5))
    assert.deepEqual(told, [])
    follower.add(transaction(5), '')
    follower.add(transaction(6), 'a')
    assert.deepEqual(told, ['5 from  at 0 pays 5'])
  })

  it('follows one that it is told to, which has come and is in a block, and tells of it once', async () => {
    exhaust()
    follower.add(transaction(5), 'b')
    follower.append(block(3, 5))
    await clock.advance(10)
    follower.follow(idOf(5))
    follower.follow(idOf(5))
    assert.deepEqual(told, ['5 from b at -10 pays 5', '5 in 3'])
  })

  it(`remembers ${MAX_RECENT_TRANSACTIONS} transactions`, () => {
    exhaust()

    for (let i = 0; i <= MAX_RECENT_TRANSACTIONS; i++) {
      follower.add(transaction(i), 'a')
    }

    follower.follow(idOf(0))
    assert.deepEqual(told, [])
    follower.follow(idOf(1))
    assert.deepEqual(told, ['1 from a at 0 pays 1'])
  })

  it(`follows ${MAX_FOLLOWED_TRANSACTIONS}, the last ones`, () => {
    exhaust()

    for (let i = 0; i <= MAX_FOLLOWED_TRANSACTIONS; i++) {
      follower.follow(idOf(i))
    }

    follower.append(block(3, 0, 1))
    assert.deepEqual(told, ['1 in 3'])
  })

  it('does nothing before it has a listener', () => {
    const idle = new TransactionFollower(clock)
    idle.add(transaction(1), 'a')
    idle.append(block(1, 1))
    idle.start({ onFollowed: ({ id }) => { told.push(id) }, onSettled: ({ id }) => { told.push(id) } })
    idle.follow(idOf(1))
    assert.deepEqual(told, [])
  })
})

import assert from 'node:assert/strict'
import { MAX_TRAVELS, TRAVEL_RATE, TransactionTravels } from '../../src/web/transaction-travels.ts'
import { FakeClock } from '../support/fake-clock.ts'

const from = (node: string, sender = 'a', at = 1): { node: string, from: string, at: number, value: string } => ({ node, from: sender, at, value: '7' })

describe('web/transaction-travels', () => {
  let clock: FakeClock
  let travels: TransactionTravels

  beforeEach(() => {
    clock = new FakeClock()
    travels = new TransactionTravels(clock)
  })

  it('joins what nodes tell of a transaction, and tells what has changed, once', () => {
    assert.equal(travels.arrived('x', from('node-1', '', 5)), true)
    assert.equal(travels.arrived('x', from('node-2', 'node-1', 8)), false)
    assert.equal(travels.arrived('x', from('node-2', 'node-3', 9)), false)
    const travel = {
      id: 'x', value: '7', isPayment: false, block: null,
      arrivals: [{ node: 'node-1', from: null, at: 5 }, { node: 'node-2', from: 'node-1', at: 8 }]
    }
    assert.deepEqual(travels.waiting, ['x'])
    assert.deepEqual(travels.takeChanged(), [travel])
    assert.deepEqual(travels.takeChanged(), [])
    travels.settled('x', 4)
    travels.settled('y', 4)
    assert.deepEqual(travels.takeChanged(), [{ ...travel, block: 4 }])
    travels.settled('x', 4)
    assert.deepEqual(travels.takeChanged(), [])
    assert.deepEqual(travels.waiting, [])
    travels.settled('x', null)
    assert.deepEqual(travels.all, [travel])
  })

  it('begins so many a second and no more, and none half-way that was too many before', async () => {
    for (let i = 0; i < TRAVEL_RATE.burst; i++) {
      assert.equal(travels.arrived(`x${i}`, from('node-1')), true)
    }

    assert.equal(travels.arrived('late', from('node-1')), false)
    await clock.advance(1000)
    assert.equal(travels.arrived('late', from('node-2')), false)

    for (let i = 0; i < TRAVEL_RATE.perSecond; i++) {
      assert.equal(travels.arrived(`y${i}`, from('node-1')), true)
    }

    assert.equal(travels.arrived('z', from('node-1')), false)
    assert.equal(travels.all.length, TRAVEL_RATE.burst + TRAVEL_RATE.perSecond)
  })

  it('follows each payment, also beyond the rate', () => {
    for (let i = 0; i <= TRAVEL_RATE.burst; i++) {
      travels.arrived(`x${i}`, from('node-1'))
    }

    travels.expectPayment('paid')
    assert.equal(travels.arrived('paid', from('node-1', '')), true)
    assert.equal(travels.all.at(-1)?.isPayment, true)
  })

  it(`keeps ${MAX_TRAVELS}, payments longer than others`, async () => {
    const pay = (id: string): void => {
      travels.expectPayment(id)
      travels.arrived(id, from('node-1', ''))
    }
    pay('first')
    await clock.advance(60_000)

    for (let i = 1; i < MAX_TRAVELS; i++) {
      await clock.advance(1000)
      travels.arrived(`x${i}`, from('node-1'))
    }

    assert.equal(travels.all.length, MAX_TRAVELS)
    await clock.advance(1000)
    travels.arrived('last', from('node-1'))
    assert.deepEqual([travels.all.length, travels.all[0]?.id, travels.all[1]?.id], [MAX_TRAVELS, 'first', 'x2'])
    assert.equal(travels.takeChanged().some(({ id }) => id === 'x1'), false)

    for (let i = 0; i < MAX_TRAVELS; i++) {
      pay(`p${i}`)
    }

    assert.deepEqual([travels.all.length, travels.all[0]?.id], [MAX_TRAVELS, 'p0'])
    await clock.advance(1000)
    assert.equal(travels.arrived('x', from('node-1')), false)
  })
})

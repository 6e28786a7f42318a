import assert from 'node:assert/strict'
import { budgetFor } from '../../support/rates.ts'
import { RATE_PATIENCE_MS } from '../../../src/session/limits/rate-limits.ts'
import { budgetOf, MAX_WAITING_REQUESTS, UNLIMITED, WORTHWHILE_MS } from '../../../src/session/limits/send-budget.ts'
import { isPending } from '../../support/eventually.ts'
import { FakeClock } from '../../support/fake-clock.ts'

describe('session/limits/send-budget', () => {
  let clock: FakeClock

  beforeEach(() => {
    clock = new FakeClock()
  })

  afterEach(() => {
    assert.equal(clock.pending, 0, 'timers are left')
  })

  it('is nine tenths of the burst and of the rate', () => {
    const budget = budgetFor(clock, { blocks: { perSecond: 20, burst: 100 } })
    assert.equal(budget.left('blocks'), 90)
    assert.deepEqual([budget.has('blocks', 90), budget.has('blocks', 91)], [true, false])
    assert.deepEqual([budget.tryTake('blocks', 91), budget.tryTake('blocks', 90), budget.tryTake('blocks')], [false, true, false])
    clock.stall(1000)
    assert.equal(budget.left('blocks'), 18)
  })

  it('is of each kind apart', () => {
    const rate = { perSecond: 10, burst: 10 }
    const budget = budgetFor(clock, { blocks: rate, transactions: rate, digests: rate, blocksAsked: rate, pings: rate })
    budget.take('blocks', 9)
    budget.take('digests', 2)

    assert.deepEqual([budget.left('blocks'), budget.left('transactions'), budget.left('digests')], [0, 9, 7])
  })

  it('has something where the burst is one', () => {
    const budget = budgetFor(clock, { pings: { perSecond: 1, burst: 1 } })
    assert.deepEqual([budget.tryTake('pings'), budget.tryTake('pings')], [true, false])
    assert.ok(budget.intervalMs('pings') > 1000)
  })

  it('has no end where there is no limit', () => {
    const budget = budgetFor(clock, {})
    budget.take('blocks', 1e9)

    assert.deepEqual([budget.left('blocks'), budget.isWorthwhile('blocks'), budget.intervalMs('pings')], [Infinity, true, 0])
    assert.equal(budget.waitToAsk(), undefined)
    assert.equal(budgetOf({ id: 'somebody' }), UNLIMITED)
    assert.equal(budgetOf({ id: 'somebody', budget }), budget)
  })

  it(`is worth it with what comes back in ${WORTHWHILE_MS} ms, and with less where that is all that there can be`, () => {
    const budget = budgetFor(clock, { blocks: { perSecond: 800 / 0.9, burst: 1000 }, blocksAsked: { perSecond: 1e6, burst: 10 } })
    budget.take('blocks', 900 - 200)
    assert.equal(budget.isWorthwhile('blocks'), true)
    budget.take('blocks')
    assert.equal(budget.isWorthwhile('blocks'), false)
    assert.equal(budget.isWorthwhile('blocks', 199), true)
    assert.equal(budget.isWorthwhile('blocks', 200), false)
    assert.equal(budget.isWorthwhile('blocksAsked'), true)
  })

  describe('waitToAsk', () => {
    const blocksAsked = { perSecond: 10 / 0.9, burst: 1 }

    it('waits for nothing while it may be asked, and then for one after the other', async () => {
      const budget = budgetFor(clock, { blocksAsked })
      assert.equal(budget.waitToAsk(), undefined)
      const turns = [budget.waitToAsk()!, budget.waitToAsk()!]
      await clock.advance(99)
      assert.equal(await isPending(turns[0]!), true)
      await clock.advance(2)
      assert.deepEqual([await isPending(turns[0]!), await isPending(turns[1]!)], [false, true])
      await clock.advance(100)
      await turns[1]
    })

    it('goes on after a stall', async () => {
      const budget = budgetFor(clock, { blocksAsked })
      budget.take('blocksAsked')
      const turn = budget.waitToAsk()
      clock.stall(60_000)
      await turn
      assert.equal(budget.waitToAsk(), undefined)
    })

    it('ends with its signal', async () => {
      const budget = budgetFor(clock, { blocksAsked })
      const controller = new AbortController()
      budget.take('blocksAsked')
      const turn = budget.waitToAsk(controller.signal)!
      controller.abort(new Error('enough'))

      await assert.rejects(turn, { message: 'enough' })
    })

    it('waits no longer where the session has ended', async () => {
      const budget = budgetFor(clock, { blocksAsked })
      budget.take('blocksAsked')
      const turn = budget.waitToAsk()
      budget.stop()
      await turn
      assert.equal(budget.waitToAsk(), undefined)
    })

    it(`lets ${MAX_WAITING_REQUESTS} wait, and no more`, async () => {
      const budget = budgetFor(clock, { blocksAsked })
      budget.take('blocksAsked')
      const turns = Array.from({ length: MAX_WAITING_REQUESTS }, () => budget.waitToAsk())
      assert.throws(() => budget.waitToAsk(), { name: 'RequestError', code: 'TOO_MANY' })
      await clock.advance(101)
      turns.push(budget.waitToAsk())
      budget.stop()
      await Promise.all(turns.map(async (turn) => turn))
    })

    it(`makes no message wait for longer than ${RATE_PATIENCE_MS} ms`, async () => {
      const budget = budgetFor(clock, { blocksAsked: { perSecond: 1 / 0.9, burst: 1 } })
      budget.take('blocksAsked', 30)
      const turn = budget.waitToAsk()
      assert.throws(() => budget.waitToAsk(), { name: 'RequestError', code: 'TOO_MANY' })
      budget.stop()
      await turn
    })
  })
})

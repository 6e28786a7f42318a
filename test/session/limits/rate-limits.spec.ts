import assert from 'node:assert/strict'
import fc from 'fast-check'
import { ratesOf, receive } from '../../support/rates.ts'
import { MAX_DIGESTS } from '../../../src/codec/limits.ts'
import { DEFAULTS } from '../../../src/config/resolve.ts'
import { MAX_RANGE_COST, RATE_NAMES, RATE_PATIENCE_MS, RateGuard } from '../../../src/session/limits/rate-limits.ts'
import { SendBudget } from '../../../src/session/limits/send-budget.ts'
import { MAX_RANGE_BLOCKS } from '../../../src/sync/serve/server.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { sampleBlock, sampleHash, sampleNodeInfo, sampleTransaction } from '../../support/sample.ts'
import type { RateName } from '../../../src/session/limits/rate-limits.ts'
import type { RateLimits } from '../../../src/types/limits.ts'
import type { WireMessage } from '../../../src/types/message.ts'

const digests = (count: number): Uint8Array[] => Array.from({ length: count }, (_, i) => sampleHash(i))

const NOTHING = new Uint8Array(0)
const COMPACT: WireMessage = { type: 'compactBlock', digest: sampleHash(1), before: NOTHING, after: NOTHING, nonce: 1n, shortIds: NOTHING, prefilled: [] }

/** Each kind of message, which limit it counts for, and how much. */
const COSTS: { message: WireMessage, name: RateName, cost: number }[] = [
  { message: { type: 'newTransaction', transaction: sampleTransaction() }, name: 'transactions', cost: 1 },
  { message: { type: 'newBlock', block: sampleBlock() }, name: 'blocks', cost: 1 },
  { message: COMPACT, name: 'blocks', cost: 1 },
  { message: { type: 'requestBlock', height: 7 }, name: 'blocksAsked', cost: 1 },
  { message: { type: 'requestTransactions', digest: sampleHash(1), indexes: [1, 2, 3] }, name: 'blocksAsked', cost: 1 },
  { message: { type: 'requestBlockRange', startHeight: 7, endHeight: 7 }, name: 'blocksAsked', cost: 1 },
  { message: { type: 'requestBlockRange', startHeight: 7, endHeight: 106 }, name: 'blocksAsked', cost: 100 },
  { message: { type: 'requestBlockRange', startHeight: 0, endHeight: MAX_RANGE_COST }, name: 'blocksAsked', cost: MAX_RANGE_COST },
  { message: { type: 'requestBlockRange', startHeight: 0, endHeight: 2 ** 53 - 1 }, name: 'blocksAsked', cost: MAX_RANGE_COST },
  { message: { type: 'have', digests: digests(1) }, name: 'digests', cost: 1 },
  { message: { type: 'have', digests: digests(MAX_DIGESTS) }, name: 'digests', cost: MAX_DIGESTS },
  { message: { type: 'have', digests: [] }, name: 'digests', cost: 1 },
  { message: { type: 'want', digests: digests(5) }, name: 'digests', cost: 5 },
  { message: { type: 'requestPeers', count: 64 }, name: 'others', cost: 1 },
  { message: { type: 'want', digests: digests(1), compact: true }, name: 'digests', cost: 1 },
  { message: { type: 'have', digests: [], shortDigests: new Uint8Array(16) }, name: 'digests', cost: 1 },
  { message: { type: 'have', digests: [], shortDigests: new Uint8Array(16 * MAX_DIGESTS) }, name: 'digests', cost: MAX_DIGESTS },
  { message: { type: 'want', digests: digests(3), shortDigests: new Uint8Array(32) }, name: 'digests', cost: 5 },
  { message: { type: 'ping', nonce: 1n, bestHeight: 7 }, name: 'pings', cost: 1 }
]

describe('session/limits/rate-limits', () => {
  let clock: FakeClock

  beforeEach(() => {
    clock = new FakeClock()
  })

  const guardOf = (rates: Partial<RateLimits>): RateGuard => new RateGuard(ratesOf(rates), clock)

  for (const { message, name, cost } of COSTS) {
    it(`counts ${cost} of ${name} for a ${message.type}, waits for nothing with the last of a burst, and for that much after it`, () => {
      const guard = guardOf({ [name]: { perSecond: 10, burst: 3 * cost } })

      assert.deepEqual(Array.from({ length: 4 }, () => receive(guard, message)), [0, 0, 0, Math.min(cost * 100, RATE_PATIENCE_MS)])
    })
  }

  it('counts what is not known, and pongs that answer nothing', () => {
    const guard = guardOf({ others: { perSecond: 10, burst: 2 } })
    assert.equal(guard.onMessage({ type: undefined, requestId: undefined, body: new Uint8Array(0) }, 10), 0)
    assert.deepEqual([guard.onPong(false), guard.onPong(true), guard.onPong(false)], [0, 0, 100])
  })

  it('counts the bytes of every message, and has the longest wait of all', () => {
    const guard = guardOf({ bytes: { perSecond: 1000, burst: 100 }, pings: { perSecond: 1, burst: 1 } })
    const envelope = { type: 'ping' as const, requestId: undefined, body: new Uint8Array(0) }
    assert.equal(guard.onMessage(envelope, 100), 0)
    assert.equal(guard.onMessage(envelope, 200), 1000)
    assert.equal(guard.onMessage({ ...envelope, type: 'newBlock' }, 1300), 1500)
    assert.equal(guard.slowedMs, 2500)
  })

  it('counts nothing but bytes for what was asked for, for pongs and for what ends the session', () => {
    const none = { perSecond: 1e-9, burst: 1 }
    const guard = guardOf({ transactions: none, blocks: none, blocksAsked: none, digests: none, pings: none, others: none })
    const messages: WireMessage[] = [
      { type: 'responseBlock' }, { type: 'responseBlockRange', blocks: [], last: true }, { type: 'pong', nonce: 1n, bestHeight: 0 },
      { type: 'disconnect', reason: 'SHUTDOWN', detail: '' }, { type: 'handshake', node: sampleNodeInfo() }
    ]

    for (const message of [...messages, ...messages, ...messages]) {
      assert.equal(receive(guard, message), 0)
    }
  })

  it('has no limit where there is none', () => {
    const guard = guardOf({})

    for (const { message } of COSTS) {
      Array.from({ length: 1000 }, () => receive(guard, message)).forEach((ms) => { assert.equal(ms, 0) })
    }
  })

  it('finds a request for a range that cannot be read', () => {
    const guard = guardOf({ blocksAsked: { perSecond: 10, burst: 10 } })
    const envelope = { type: 'requestBlockRange' as const, requestId: 1n, body: Uint8Array.of(8) }

    assert.throws(() => guard.onMessage(envelope, 10), { name: 'DecodeError' })
  })

  it('counts a range for what is served of it', () => {
    assert.equal(MAX_RANGE_COST, MAX_RANGE_BLOCKS)
  })

  describe('of a peer that sends as fast as it is read', () => {
    const ping: WireMessage = { type: 'ping', nonce: 1n, bestHeight: 0 }
    let guard: RateGuard

    beforeEach(() => {
      guard = guardOf({ pings: { perSecond: 10, burst: 10 }, bytes: { perSecond: 1e6, burst: 1e6 } })
    })

    /** Reads pings for this long after the limit was passed, `late` ms too late after each wait. */
    function flood (ms: number, late = 0): void {
      let wait = 0

      while (wait === 0) {
        wait = receive(guard, ping)
      }

      for (const end = clock.now() + ms; clock.now() < end; wait = receive(guard, ping)) {
        clock.stall(wait === 0 ? 0 : Math.min(wait + late, end - clock.now()))
      }
    }

    it(`has enough after ${RATE_PATIENCE_MS} ms, and not before`, () => {
      flood(RATE_PATIENCE_MS - 1)
      assert.equal(guard.exceeded, undefined)
      clock.stall(1)
      receive(guard, ping)
      assert.equal(guard.exceeded, 'pings')
    })

    it('has enough also where it is read a little late each time', () => {
      flood(RATE_PATIENCE_MS, 90)
      assert.equal(guard.exceeded, 'pings')
    })

    it('begins anew after a break', () => {
      flood(RATE_PATIENCE_MS - 1)
      clock.stall(300)
      flood(RATE_PATIENCE_MS - 1)
      assert.equal(guard.exceeded, undefined)
    })

    it('has not had enough of one that is quiet', () => {
      flood(1000)
      clock.stall(10 * RATE_PATIENCE_MS)
      receive(guard, ping)
      assert.equal(guard.exceeded, undefined)
    })

    it('never has enough of bytes, and never waits for longer than that at a time', () => {
      guard = guardOf({ bytes: { perSecond: 1000, burst: 1000 } })

      for (let i = 0; i < 10; i++) {
        const ms = guard.onMessage({ type: 'responseBlock', requestId: 1n, body: new Uint8Array(0) }, 1e6)
        assert.equal(ms, RATE_PATIENCE_MS)
        clock.stall(ms)
      }

      assert.equal(guard.exceeded, undefined)
    })
  })

  describe('of a peer that keeps to its budget', () => {
    const LONG_MS = 100_000

    /** When a peer that sends as much as it may sends something, as long after another as it likes. */
    function send (rates: RateLimits, pauses: number[]): number[] {
      const clock = new FakeClock()
      const budget = new SendBudget(rates, clock)
      const sent: number[] = []

      for (let i = 0; clock.now() < LONG_MS; i++) {
        clock.stall(pauses[i % pauses.length]!)

        while (budget.tryTake('transactions')) {
          sent.push(clock.now())
        }
      }

      return sent
    }

    /** What becomes of it where each is late by so many ms, and none overtakes another. */
    function receiveAll (rates: RateLimits, sent: number[], delays: number[]): RateGuard {
      const clock = new FakeClock()
      const guard = new RateGuard(rates, clock)
      const message: WireMessage = { type: 'newTransaction', transaction: sampleTransaction() }
      let readableAt = 0

      sent.forEach((at, i) => {
        clock.stall(Math.max(0, readableAt - clock.now(), at + delays[i % delays.length]! - clock.now()))
        readableAt = clock.now() + receive(guard, message)
      })

      return guard
    }

    const pauses = fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 20 })
    const rates = ratesOf({ transactions: { perSecond: 20, burst: 200 } })

    it('does not wait, however it sends', () => {
      fc.assert(fc.property(pauses, (pauses) => {
        assert.equal(receiveAll(rates, send(rates, pauses), [0]).slowedMs, 0)
      }), { numRuns: 30 })
    })

    it('never has enough, however its messages bunch up', () => {
      const delays = fc.array(fc.integer({ min: 0, max: 5000 }), { minLength: 1, maxLength: 20 })

      fc.assert(fc.property(pauses, delays, (pauses, delays) => {
        assert.equal(receiveAll(rates, send(rates, pauses), delays).exceeded, undefined)
      }), { numRuns: 30 })
    })

    it('does not wait with the rates that there are without options', () => {
      const { transactions } = DEFAULTS.rateLimits
      const few = ratesOf({ transactions: { perSecond: transactions.perSecond / 10, burst: transactions.burst / 10 } })

      assert.equal(receiveAll(few, send(few, [1]), [0, 900]).slowedMs, 0)
    })
  })

  it('tells of each message that is over a limit, and of none within', () => {
    const told: string[] = []
    const rate = { perSecond: 1, burst: 2 }
    const guard = new RateGuard(ratesOf({ pings: rate, bytes: { perSecond: 1, burst: 1_000_000 } }), clock, (name) => { told.push(name) })
    const ping: WireMessage = { type: 'ping', nonce: 1n, bestHeight: 7 }
    receive(guard, ping)
    receive(guard, ping)
    assert.deepEqual(told, [])
    receive(guard, ping)
    receive(guard, ping)
    assert.deepEqual(told, ['pings', 'pings'])
  })

  it('has the names of all limits', () => {
    assert.deepEqual([...RATE_NAMES].sort(), Object.keys(DEFAULTS.rateLimits).sort())
  })
})

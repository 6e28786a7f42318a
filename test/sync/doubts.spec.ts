import assert from 'node:assert/strict'
import { Doubts, FIRST_DOUBT_MS, LONGEST_DOUBT_MS } from '../../src/sync/doubts.ts'
import { FakeClock } from '../fake-clock.ts'

describe('sync/doubts', () => {
  let clock: FakeClock
  let doubts: Doubts<{ bestHeight: number }>
  let peer: { bestHeight: number }

  beforeEach(() => {
    clock = new FakeClock()
    doubts = new Doubts(clock)
    peer = { bestHeight: 100 }
  })

  it('believes whoever has done nothing', () => {
    assert.equal(doubts.believed(peer), 100)
    assert.equal(doubts.has(peer), false)
  })

  it(`does not believe more than was kept, for ${FIRST_DOUBT_MS} ms`, async () => {
    doubts.add(peer, { above: 40 })
    peer.bestHeight = 1_000_000
    await clock.advance(FIRST_DOUBT_MS - 1)
    assert.equal(doubts.believed(peer), 40)
    assert.equal(doubts.has(peer), true)
    await clock.advance(1)
    assert.equal(doubts.believed(peer), 1_000_000)
    assert.equal(doubts.has(peer), false)
  })

  it('believes no more than is said', () => {
    doubts.add(peer, { above: 400 })
    assert.equal(doubts.believed(peer), 100)
  })

  it(`doubts twice as long each time, ${LONGEST_DOUBT_MS} ms at most`, async () => {
    for (const expected of [30_000, 60_000, 120_000, 240_000, 480_000, 600_000, 600_000]) {
      doubts.add(peer, { above: 40 })
      await clock.advance(expected - 1)
      assert.equal(doubts.has(peer), true, `${expected}`)
      await clock.advance(1)
      assert.equal(doubts.has(peer), false, `${expected}`)
    }
  })

  it('looks again at a refused branch that has grown: by one block at first, then by two, then by four', () => {
    for (const growth of [1, 2, 4, 8]) {
      doubts.add(peer, { above: 40, upTo: 100 })
      peer.bestHeight = 100 + growth - 1
      assert.equal(doubts.believed(peer), 40, `grown by ${growth - 1}`)
      peer.bestHeight = 100 + growth
      assert.equal(doubts.believed(peer), peer.bestHeight, `grown by ${growth}`)
    }
  })

  it('believes a peer again that delivers what it was doubted to have, as if nothing had been', async () => {
    doubts.add(peer, { above: 40 })
    doubts.add(peer, { above: 40 })
    doubts.onDelivered(peer, 40)
    assert.equal(doubts.has(peer), true)
    doubts.onDelivered(peer, 41)
    assert.equal(doubts.has(peer), false)
    doubts.add(peer, { above: 40 })
    await clock.advance(FIRST_DOUBT_MS)
    assert.equal(doubts.has(peer), false)
  })

  it('doubts nobody else', () => {
    doubts.add(peer, { above: 40 })
    assert.equal(doubts.believed({ bestHeight: 100 }), 100)
    doubts.onDelivered({ bestHeight: 100 }, 100)
    assert.equal(doubts.has(peer), true)
  })
})

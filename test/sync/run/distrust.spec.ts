import assert from 'node:assert/strict'
import { Distrust, FIRST_DISTRUST_MS, LONGEST_DISTRUST_MS, MAX_DISTRUSTED } from '../../../src/sync/run/distrust.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import type { DistrustedPeer } from '../../../src/sync/run/distrust.ts'

describe('sync/run/distrust', () => {
  let clock: FakeClock
  let doubts: Distrust<DistrustedPeer>
  let peer: DistrustedPeer & { bestHeight: number }

  beforeEach(() => {
    clock = new FakeClock()
    doubts = new Distrust(clock)
    peer = { id: 'peer', bestHeight: 100 }
  })

  it('believes whoever has done nothing', () => {
    assert.equal(doubts.believed(peer), 100)
    assert.equal(doubts.has(peer), false)
  })

  it(`does not believe more than was kept, for ${FIRST_DISTRUST_MS} ms`, async () => {
    doubts.add(peer, { above: 40 })
    peer.bestHeight = 1_000_000
    await clock.advance(FIRST_DISTRUST_MS - 1)
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

  it(`doubts twice as long each time, ${LONGEST_DISTRUST_MS} ms at most`, async () => {
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
    await clock.advance(FIRST_DISTRUST_MS)
    assert.equal(doubts.has(peer), false)
  })

  it('doubts nobody else', () => {
    doubts.add(peer, { above: 40 })
    assert.equal(doubts.believed({ id: 'other', bestHeight: 100 }), 100)
    doubts.onDelivered({ id: 'other', bestHeight: 100 }, 100)
    assert.equal(doubts.has(peer), true)
  })

  it('doubts a peer that comes back as it did before', () => {
    doubts.add(peer, { above: 40 })
    assert.equal(doubts.believed({ ...peer }), 40)
  })

  it('begins anew with whoever has not been in doubt for as long as that may last', async () => {
    doubts.add(peer, { above: 40 })
    doubts.add(peer, { above: 40 })
    await clock.advance(2 * FIRST_DISTRUST_MS + LONGEST_DISTRUST_MS)
    doubts.add(peer, { above: 40 })
    await clock.advance(FIRST_DISTRUST_MS)
    assert.equal(doubts.has(peer), false)
  })

  describe('a host', () => {
    const location = { host: '192.0.2.1', netgroup: '192.0' }
    const at = (id: string, over: Partial<DistrustedPeer> = {}): DistrustedPeer => ({ id, bestHeight: 100, direction: 'inbound', location, ...over })

    it('of a peer that has dialled us is in doubt with it: the next name there is not believed either', async () => {
      doubts.add(at('a'), { above: 40 })
      assert.equal(doubts.believed(at('b')), 40)
      assert.equal(doubts.has(at('b')), true)
      assert.equal(doubts.has(at('c', { location: { host: '192.0.2.2', netgroup: '192.0' } })), false)
      assert.equal(doubts.has(at('d', { direction: 'outbound' })), false)
      await clock.advance(FIRST_DISTRUST_MS)
      assert.equal(doubts.has(at('b')), false)
    })

    it('is in doubt for longer with each name that is found to lie there', async () => {
      doubts.add(at('a'), { above: 40 })
      doubts.add(at('b'), { above: 40 })
      await clock.advance(2 * FIRST_DISTRUST_MS - 1)
      assert.equal(doubts.has(at('c')), true)
      await clock.advance(1)
      assert.equal(doubts.has(at('c')), false)
    })

    it('has no share in what is held against those whom we have dialled, or who are at no public host', () => {
      doubts.add(at('a', { direction: 'outbound' }), { above: 40 })
      doubts.add(at('b', { location: { host: '10.0.0.1', netgroup: undefined } }), { above: 40 })
      assert.equal(doubts.has(at('c')), false)
      assert.equal(doubts.has(at('d', { location: { host: '10.0.0.1', netgroup: undefined } })), false)
    })

    it('is no reason to doubt a peer there that has delivered', () => {
      const good = at('good')
      doubts.add(at('a'), { above: 40 })
      doubts.onDelivered(good, 30)
      assert.equal(doubts.has(good), false)
    })
  })

  describe('a network', () => {
    const at = (id: string, host: number, over: Partial<DistrustedPeer> = {}): DistrustedPeer => {
      return { id, bestHeight: 100, direction: 'inbound', location: { host: `192.0.2.${host}`, netgroup: '192.0' }, ...over }
    }

    it('of a peer that has dialled us is a crowd as long as that one is in doubt: newcomers there are believed, and wait for their turn', async () => {
      assert.equal(doubts.crowdOf(at('b', 2)), undefined)
      doubts.add(at('a', 1), { above: 40 })
      assert.deepEqual([doubts.believed(at('b', 2)), doubts.has(at('b', 2)), doubts.crowdOf(at('b', 2))], [100, false, '192.0'])
      await clock.advance(FIRST_DISTRUST_MS - 1)
      assert.equal(doubts.crowdOf(at('b', 2)), '192.0')
      await clock.advance(1)
      assert.equal(doubts.crowdOf(at('b', 2)), undefined)
    })

    it('is a crowd for longer with each host there that is in doubt', async () => {
      doubts.add(at('a', 1), { above: 40 })
      doubts.add(at('b', 2), { above: 40 })
      await clock.advance(2 * FIRST_DISTRUST_MS - 1)
      assert.equal(doubts.crowdOf(at('c', 3)), '192.0')
      await clock.advance(1)
      assert.equal(doubts.crowdOf(at('c', 3)), undefined)
    })

    it('is none for those who are in doubt themselves, have delivered, were dialled by us, or are elsewhere', () => {
      const good = at('good', 3)
      doubts.add(at('a', 1), { above: 40 })
      doubts.onDelivered(good, 30)
      const others = [at('a', 1), at('b', 1), good, at('d', 4, { direction: 'outbound' }), at('e', 5, { location: { host: '198.51.100.1', netgroup: '198.51' } })]
      assert.deepEqual(others.map((peer) => doubts.crowdOf(peer)), others.map(() => undefined))
    })
  })

  it(`remembers ${MAX_DISTRUSTED} peers, and forgets the one whose doubt ends first`, async () => {
    doubts.add(peer, { above: 40 })
    await clock.advance(1)

    for (let i = 1; i < MAX_DISTRUSTED; i++) {
      doubts.add({ id: `peer ${i}`, bestHeight: 100 }, { above: 40 })
    }

    assert.equal(doubts.has(peer), true)
    doubts.add({ id: 'one more', bestHeight: 100 }, { above: 40 })
    assert.deepEqual([doubts.has(peer), doubts.has({ id: 'peer 1', bestHeight: 100 })], [false, true])
  })
})

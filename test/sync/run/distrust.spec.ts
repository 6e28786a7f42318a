import assert from 'node:assert/strict'
import { Distrust, FIRST_DISTRUST_MS, LONGEST_DISTRUST_MS, MAX_DISTRUSTED, MAX_SHORT_BRANCH_BLOCKS } from '../../../src/sync/run/distrust.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import type { DistrustedPeer } from '../../../src/sync/run/distrust.ts'

describe('sync/run/distrust', () => {
  let clock: FakeClock
  let distrust: Distrust<DistrustedPeer>
  let peer: DistrustedPeer & { bestHeight: number }

  beforeEach(() => {
    clock = new FakeClock()
    distrust = new Distrust(clock)
    peer = { id: 'peer', bestHeight: 100 }
  })

  it('believes a peer that has done nothing', () => {
    assert.equal(distrust.believed(peer), 100)
    assert.equal(distrust.has(peer), false)
  })

  it(`does not believe more than was kept, for ${FIRST_DISTRUST_MS} ms`, async () => {
    distrust.add(peer, { above: 40 })
    peer.bestHeight = 1_000_000
    await clock.advance(FIRST_DISTRUST_MS - 1)
    assert.equal(distrust.believed(peer), 40)
    assert.equal(distrust.has(peer), true)
    await clock.advance(1)
    assert.equal(distrust.believed(peer), 1_000_000)
    assert.equal(distrust.has(peer), false)
  })

  it('believes no more than is said', () => {
    distrust.add(peer, { above: 400 })
    assert.equal(distrust.believed(peer), 100)
  })

  it(`distrusts a peer twice as long each time, ${LONGEST_DISTRUST_MS} ms at most`, async () => {
    for (const expected of [30_000, 60_000, 120_000, 240_000, 480_000, 600_000, 600_000]) {
      distrust.add(peer, { above: 40 })
      await clock.advance(expected - 1)
      assert.equal(distrust.has(peer), true, `${expected}`)
      await clock.advance(1)
      assert.equal(distrust.has(peer), false, `${expected}`)
    }
  })

  it('looks again at a refused branch that has grown: by one block at first, then by two, then by four', () => {
    for (const growth of [1, 2, 4, 8]) {
      distrust.add(peer, { above: 40, upTo: 100 })
      peer.bestHeight = 100 + growth - 1
      assert.equal(distrust.believed(peer), 40, `grown by ${growth - 1}`)
      peer.bestHeight = 100 + growth
      assert.equal(distrust.believed(peer), peer.bestHeight, `grown by ${growth}`)
    }
  })

  it(`looks again at a refused branch of ${MAX_SHORT_BRANCH_BLOCKS} blocks whenever it has grown, and not at a longer one`, () => {
    for (const blocks of [1, MAX_SHORT_BRANCH_BLOCKS]) {
      for (let round = 0; round < 5; round++) {
        peer.bestHeight = 100 + round
        distrust.add(peer, { above: peer.bestHeight - blocks, upTo: peer.bestHeight, blocks })
        assert.deepEqual([distrust.has(peer), distrust.believed(peer)], [true, peer.bestHeight - blocks])
        peer.bestHeight++
        assert.deepEqual([distrust.has(peer), distrust.believed(peer)], [false, peer.bestHeight])
      }
    }

    for (const growth of [1, 2, 4]) {
      peer.bestHeight = 200
      distrust.add(peer, { above: 200 - MAX_SHORT_BRANCH_BLOCKS - 1, upTo: 200, blocks: MAX_SHORT_BRANCH_BLOCKS + 1 })
      peer.bestHeight = 200 + growth - 1
      assert.equal(distrust.has(peer), true)
      peer.bestHeight = 200 + growth
      assert.equal(distrust.has(peer), false)
    }
  })

  it('distrusts a peer no longer for what it claims because short branches of it were refused', async () => {
    for (let round = 0; round < 5; round++) {
      distrust.add(peer, { above: 99, upTo: 100, blocks: 1 })
    }

    distrust.add(peer, { above: 40 })
    await clock.advance(FIRST_DISTRUST_MS - 1)
    assert.equal(distrust.has(peer), true)
    await clock.advance(1)
    assert.equal(distrust.has(peer), false)
  })

  it('believes a peer again that delivers what it was not believed to have, as if nothing had been', async () => {
    distrust.add(peer, { above: 40 })
    distrust.add(peer, { above: 40 })
    distrust.onDelivered(peer, 40)
    assert.equal(distrust.has(peer), true)
    distrust.onDelivered(peer, 41)
    assert.equal(distrust.has(peer), false)
    distrust.add(peer, { above: 40 })
    await clock.advance(FIRST_DISTRUST_MS)
    assert.equal(distrust.has(peer), false)
  })

  it('distrusts no other peer', () => {
    distrust.add(peer, { above: 40 })
    assert.equal(distrust.believed({ id: 'other', bestHeight: 100 }), 100)
    distrust.onDelivered({ id: 'other', bestHeight: 100 }, 100)
    assert.equal(distrust.has(peer), true)
  })

  it('distrusts a peer that comes back as it did before', () => {
    distrust.add(peer, { above: 40 })
    assert.equal(distrust.believed({ ...peer }), 40)
  })

  it('begins anew with a peer that was not distrusted for as long as that may last', async () => {
    distrust.add(peer, { above: 40 })
    distrust.add(peer, { above: 40 })
    await clock.advance(2 * FIRST_DISTRUST_MS + LONGEST_DISTRUST_MS)
    distrust.add(peer, { above: 40 })
    await clock.advance(FIRST_DISTRUST_MS)
    assert.equal(distrust.has(peer), false)
  })

  describe('a host', () => {
    const location = { host: '192.0.2.1', netgroup: '192.0' }
    const at = (id: string, over: Partial<DistrustedPeer> = {}): DistrustedPeer => ({ id, bestHeight: 100, direction: 'inbound', location, ...over })

    it('of an inbound peer is distrusted with it: the next name there is not believed either', async () => {
      distrust.add(at('a'), { above: 40 })
      assert.equal(distrust.believed(at('b')), 40)
      assert.equal(distrust.has(at('b')), true)
      assert.equal(distrust.has(at('c', { location: { host: '192.0.2.2', netgroup: '192.0' } })), false)
      assert.equal(distrust.has(at('d', { direction: 'outbound' })), false)
      await clock.advance(FIRST_DISTRUST_MS)
      assert.equal(distrust.has(at('b')), false)
    })

    it('of a peer whose short branch was refused is believed to have more than that, and after a longer branch or a lie it is not', async () => {
      distrust.add(at('a'), { above: 99, upTo: 100, blocks: 1 })
      assert.equal(distrust.believed(at('b')), 99)
      assert.equal(distrust.believed(at('b', { bestHeight: 101 })), 101)
      distrust.add(at('a'), { above: 50, upTo: 100, blocks: 50 })
      assert.equal(distrust.believed(at('b', { bestHeight: 101 })), 50)
      distrust.add(at('c'), { above: 99, upTo: 100, blocks: 1 })
      assert.equal(distrust.believed(at('b', { bestHeight: 101 })), 50)
      await clock.advance(FIRST_DISTRUST_MS)
      distrust.add(at('c'), { above: 99, upTo: 100, blocks: 1 })
      assert.equal(distrust.believed(at('b', { bestHeight: 101 })), 101)
    })

    it('is distrusted for longer with each name that lies there', async () => {
      distrust.add(at('a'), { above: 40 })
      distrust.add(at('b'), { above: 40 })
      await clock.advance(2 * FIRST_DISTRUST_MS - 1)
      assert.equal(distrust.has(at('c')), true)
      await clock.advance(1)
      assert.equal(distrust.has(at('c')), false)
    })

    it('is not distrusted for outbound peers, or for those at no public host', () => {
      distrust.add(at('a', { direction: 'outbound' }), { above: 40 })
      distrust.add(at('b', { location: { host: '10.0.0.1', netgroup: undefined } }), { above: 40 })
      assert.equal(distrust.has(at('c')), false)
      assert.equal(distrust.has(at('d', { location: { host: '10.0.0.1', netgroup: undefined } })), false)
    })

    it('is no reason to distrust a peer there that has delivered', () => {
      const good = at('good')
      distrust.add(at('a'), { above: 40 })
      distrust.onDelivered(good, 30)
      assert.equal(distrust.has(good), false)
    })
  })

  describe('a network', () => {
    const at = (id: string, host: number, over: Partial<DistrustedPeer> = {}): DistrustedPeer => {
      return { id, bestHeight: 100, direction: 'inbound', location: { host: `192.0.2.${host}`, netgroup: '192.0' }, ...over }
    }

    it('of an inbound peer is distrusted with it: newcomers there are believed, one at a time', async () => {
      assert.equal(distrust.distrustedNetgroup(at('b', 2)), undefined)
      distrust.add(at('a', 1), { above: 40 })
      assert.deepEqual([distrust.believed(at('b', 2)), distrust.has(at('b', 2)), distrust.distrustedNetgroup(at('b', 2))], [100, false, '192.0'])
      await clock.advance(FIRST_DISTRUST_MS - 1)
      assert.equal(distrust.distrustedNetgroup(at('b', 2)), '192.0')
      await clock.advance(1)
      assert.equal(distrust.distrustedNetgroup(at('b', 2)), undefined)
    })

    it('is distrusted for longer with each host there that is', async () => {
      distrust.add(at('a', 1), { above: 40 })
      distrust.add(at('b', 2), { above: 40 })
      await clock.advance(2 * FIRST_DISTRUST_MS - 1)
      assert.equal(distrust.distrustedNetgroup(at('c', 3)), '192.0')
      await clock.advance(1)
      assert.equal(distrust.distrustedNetgroup(at('c', 3)), undefined)
    })

    it('is no matter to peers that are distrusted themselves, have delivered, are outbound, or are elsewhere', () => {
      const good = at('good', 3)
      distrust.add(at('a', 1), { above: 40 })
      distrust.onDelivered(good, 30)
      const others = [at('a', 1), at('b', 1), good, at('d', 4, { direction: 'outbound' }), at('e', 5, { location: { host: '198.51.100.1', netgroup: '198.51' } })]
      assert.deepEqual(others.map((peer) => distrust.distrustedNetgroup(peer)), others.map(() => undefined))
    })
  })

  it(`remembers ${MAX_DISTRUSTED} peers, and forgets the one whose time ends first`, async () => {
    distrust.add(peer, { above: 40 })
    await clock.advance(1)

    for (let i = 1; i < MAX_DISTRUSTED; i++) {
      distrust.add({ id: `peer ${i}`, bestHeight: 100 }, { above: 40 })
    }

    assert.equal(distrust.has(peer), true)
    distrust.add({ id: 'one more', bestHeight: 100 }, { above: 40 })
    assert.deepEqual([distrust.has(peer), distrust.has({ id: 'peer 1', bestHeight: 100 })], [false, true])
  })
})

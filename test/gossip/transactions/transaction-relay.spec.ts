import assert from 'node:assert/strict'
import { FakeClock } from '../../support/fake-clock.ts'
import { FakeSession } from '../../support/fake-session.ts'
import { budgetFor } from '../../support/rates.ts'
import { digestKeyOf } from '../../../src/codec/digest.ts'
import { MAX_DIGESTS } from '../../../src/codec/limits.ts'
import { shortKeyOf } from '../../../src/gossip/digest-key.ts'
import { ReadyPeers } from '../../../src/gossip/peers.ts'
import { SeenCache } from '../../../src/gossip/seen-cache.ts'
import { Delivery } from '../../../src/gossip/send/delivery.ts'
import { DEFERRED_WANTS_CHECK_MS } from '../../../src/gossip/send/deferred-wants.ts'
import { INBOUND_MS } from '../../../src/gossip/transactions/announcements.ts'
import { MAX_COLLECTED, OUTBOUND_MS, SOON_MS, SOON_PEERS } from '../../../src/gossip/transactions/outbound-announcements.ts'
import { INBOUND_POOL_MS, POOL_STEP, POOL_STEP_MS } from '../../../src/gossip/transactions/pool-at-connect.ts'
import { TransactionPool } from '../../../src/gossip/transactions/pool.ts'
import { FEW_PEERS, MAX_DEFERRED_TRANSACTIONS, RELAY_PUSH_SHARE, TransactionRelay } from '../../../src/gossip/transactions/transaction-relay.ts'
import { seededChance } from '../../../src/util/chance.ts'
import type { TransactionCount } from '../../../src/gossip/transactions/counts.ts'
import type { OutboundItem } from '../../../src/gossip/send/item-store.ts'
import type { Direction } from '../../../src/types/peer.ts'

const LATEST_MS = 1.25 * INBOUND_MS

function itemOf (fill: number): Uint8Array {
  const item = new Uint8Array(100)
  new DataView(item.buffer).setUint32(0, fill)

  return item
}

const shortOf = (fill: number): string => Buffer.from(shortKeyOf(digestKeyOf(itemOf(fill))), 'latin1').toString('hex')

describe('gossip/transactions/transaction-relay', () => {
  let clock: FakeClock
  let seen: SeenCache
  let peers: ReadyPeers
  let pool: TransactionPool
  let relay: TransactionRelay
  let sessions: FakeSession[]
  let counts: Partial<Record<TransactionCount, number>>

  beforeEach(() => {
    clock = new FakeClock()
    const chance = seededChance(7)
    seen = new SeenCache({ clock, chance }, 64)
    peers = new ReadyPeers(seen.maxHolders)
    pool = new TransactionPool({ clock, chance })
    sessions = []
    counts = {}
    relay = new TransactionRelay({
      ...{ clock, chance, peers, seen, pool, delivery: new Delivery(), application: undefined, maxFrameBytes: 65_536 },
      onCounted: (what, count) => { counts[what] = (counts[what] ?? 0) + count }
    })
  })

  afterEach(() => {
    relay.stop()
    pool.clear()
    assert.equal(clock.pending, 0)
  })

  function meet (count: number, direction: Direction, { isOld = false } = {}): FakeSession[] {
    return Array.from({ length: count }, () => {
      const session = new FakeSession(`peer ${sessions.length}`, direction)
      session.features = isOld ? [] : ['short-digests']
      sessions.push(session)
      peers.add(session.session)

      return session
    })
  }

  function send (fill: number, overrides: Partial<OutboundItem> = {}): { queued: number, skipped: number } {
    const item = itemOf(fill)
    pool.add(digestKeyOf(item), item)

    return relay.send({ type: 'newTransaction', key: digestKeyOf(item), item, frame: undefined, from: 'elsewhere', pushes: 0, wants: undefined, ...overrides })
  }

  const typesOf = (those: FakeSession[]): (string | undefined)[][] => those.map(({ types }) => types)
  const told = (those: FakeSession[]): number => those.filter(({ types }) => types.includes('have')).length
  const peerOf = (session: FakeSession): ReturnType<ReadyPeers['get']> & object => peers.get(session.id)!
  const note = (session: FakeSession, fill: number): void => { seen.add(digestKeyOf(itemOf(fill)), peerOf(session).number) }

  it('sends one of this node in full to every peer that lacks it, and announces it to none', async () => {
    const all = [...meet(10, 'outbound'), ...meet(10, 'inbound'), ...meet(5, 'inbound', { isOld: true })]
    note(all[3]!, 1)

    assert.deepEqual(send(1, { from: undefined, pushes: 3 }), { queued: 24, skipped: 1 })
    await clock.advance(LATEST_MS)
    assert.deepEqual(all.map(({ types }) => types.join()), all.map((_, index) => index === 3 ? '' : 'newTransaction'))
  })

  it('sends one of another node in full to the peers without the feature, and announces it to the others', async () => {
    const [fresh, old] = [meet(20, 'outbound'), meet(3, 'inbound', { isOld: true })]

    assert.deepEqual(send(1), { queued: 23, skipped: 0 })
    assert.deepEqual(typesOf(old), Array(3).fill(['newTransaction']))
    await clock.advance(LATEST_MS)
    assert.deepEqual(typesOf(fresh), Array(20).fill(['have']))
    assert.deepEqual(fresh[0]!.queue[0]!.shortDigests, [shortOf(1)])
    assert.equal(counts.announced, 20)
  })

  it(`tells ${SOON_PEERS} that it has dialled after ${SOON_MS} ms, the others of them later, and those that have dialled it last`, async () => {
    const [out, inbound] = [meet(10, 'outbound'), meet(10, 'inbound')]
    send(1)
    await clock.advance(SOON_MS - 1)
    assert.deepEqual([told(out), told(inbound)], [0, 0])
    await clock.advance(1)
    assert.deepEqual([told(out), told(inbound)], [SOON_PEERS, 0])
    await clock.advance(0.75 * OUTBOUND_MS - SOON_MS - 1)
    assert.deepEqual([told(out), told(inbound)], [SOON_PEERS, 0])
    await clock.advance(0.5 * OUTBOUND_MS + 1)
    assert.deepEqual([told(out), told(inbound)], [10, 0])
    await clock.advance(LATEST_MS)
    assert.deepEqual([told(out), told(inbound)], [10, 10])
    assert.ok(sessions.every(({ queue }) => queue.length === 1), 'each hears of it once')
  })

  it('tells others of each', async () => {
    const out = meet(12, 'outbound')
    const met = new Set<string>()

    for (let fill = 0; fill < 20; fill++) {
      send(fill)
      await clock.advance(SOON_MS)
      out.filter(({ queue }) => queue.some(({ shortDigests }) => shortDigests?.includes(shortOf(fill)))).forEach(({ id }) => met.add(id))
    }

    assert.equal(met.size, 12)
  })

  it('tells all of one wait in one message, without what the peer has shown to have meanwhile', async () => {
    const [peer] = meet(1, 'inbound')
    // not at once: with others, it is not always among the first
    meet(20, 'inbound')
    Array.from({ length: 30 }, (_, fill) => send(fill))
    note(peer!, 3)
    await clock.advance(SOON_MS)
    note(peer!, 4)
    await clock.advance(LATEST_MS)
    const heard = peer!.queue.flatMap(({ shortDigests }) => shortDigests ?? [])

    assert.ok(peer!.queue.length <= 2, 'at once and later')
    assert.equal(new Set(heard).size, heard.length)
    assert.ok(!heard.includes(shortOf(3)) && heard.length >= 28)
  })

  it(`sends one that came in full on to ${FEW_PEERS} peers where no more lack it, and announces it where one more does`, async () => {
    const few = meet(FEW_PEERS, 'outbound')
    send(1, { pushes: 1 })
    assert.deepEqual(typesOf(few), Array(FEW_PEERS).fill(['newTransaction']))
    meet(1, 'outbound')
    let pushed = 0

    for (let fill = 2; fill < 322; fill++) {
      sessions.forEach(({ queue }) => { queue.length = 0 })
      send(fill, { pushes: 1 })
      pushed += sessions.filter(({ types }) => types.includes('newTransaction')).length
    }

    // 1 in 16, to one peer each
    assert.ok(pushed > 0 && pushed < 4 * 320 * RELAY_PUSH_SHARE, `${pushed} of 320`)
  })

  it('sends one that had to be asked for on to no peer', () => {
    const few = meet(FEW_PEERS, 'outbound')
    send(1, { pushes: 0 })
    assert.deepEqual(typesOf(few), Array(FEW_PEERS).fill([]))
  })

  it('says nothing to a peer for which much waits, and sends it nothing', async () => {
    const [busy] = meet(1, 'outbound')
    busy!.isBusy = true
    assert.deepEqual(send(1), { queued: 0, skipped: 1 })
    await clock.advance(LATEST_MS)
    assert.deepEqual(busy!.types, [])
  })

  it('announces no more than a peer takes', async () => {
    const [peer] = meet(1, 'outbound')
    peer!.budget = budgetFor(clock, { digests: { perSecond: 10, burst: 10 } })
    Array.from({ length: 30 }, (_, fill) => send(fill))
    await clock.advance(SOON_MS)
    assert.equal(peer!.queue.flatMap(({ shortDigests }) => shortDigests ?? []).length, 9)
  })

  it(`collects ${MAX_COLLECTED} at most, and cuts them into messages of ${MAX_DIGESTS}`, async () => {
    const [peer] = meet(1, 'outbound')
    Array.from({ length: MAX_COLLECTED - 1 }, (_, fill) => send(fill))
    assert.deepEqual(peer!.types, [])
    send(MAX_COLLECTED)
    assert.equal(peer!.types.length, MAX_COLLECTED / MAX_DIGESTS)
    await clock.advance(LATEST_MS)
  })

  describe('asked for a transaction', () => {
    const want = (session: FakeSession, fill: number): boolean => relay.onWant(shortKeyOf(digestKeyOf(itemOf(fill))), peerOf(session))

    it('sends it once, by its short digest or its digest', () => {
      const [a, b] = meet(2, 'inbound') as [FakeSession, FakeSession]
      send(1)
      assert.deepEqual([want(a, 1), want(a, 1), relay.onWant(digestKeyOf(itemOf(1)), peerOf(b))], [true, true, true])
      assert.deepEqual([a.queue[0]!.item, b.queue[0]!.item, a.queue.length], [itemOf(1), itemOf(1), 1])
      assert.equal(counts.answered, 2)
    })

    it('has none of a digest that it does not know', () => {
      const [a] = meet(1, 'inbound') as [FakeSession]
      assert.equal(want(a, 1), false)
      assert.deepEqual(a.types, [])
    })

    it(`sends what is more than the peer takes later, ${MAX_DEFERRED_TRANSACTIONS} at most`, async () => {
      const [a] = meet(1, 'inbound') as [FakeSession]
      Array.from({ length: MAX_DEFERRED_TRANSACTIONS + 1 }, (_, fill) => send(fill))
      await clock.advance(LATEST_MS)
      a.queue.length = 0
      a.isBusy = true
      Array.from({ length: MAX_DEFERRED_TRANSACTIONS + 1 }, (_, fill) => want(a, fill))
      assert.deepEqual(a.types, [])
      a.isBusy = false
      await clock.advance(DEFERRED_WANTS_CHECK_MS)
      assert.equal(a.types.length, MAX_DEFERRED_TRANSACTIONS)
    })
  })

  describe('with a peer that comes', () => {
    const keysOf = (session: FakeSession): string[] => session.queue.flatMap(({ shortDigests }) => shortDigests ?? [])
    const come = (session: FakeSession): void => { relay.onReady(peerOf(session)) }

    it('announces the pool at once where this node has dialled it, the newest first, without what the peer has', async () => {
      Array.from({ length: 5 }, (_, fill) => send(fill))
      const [peer] = meet(1, 'outbound') as [FakeSession]
      note(peer, 2)
      come(peer)
      await clock.advance(0)
      assert.deepEqual(keysOf(peer), [4, 3, 1, 0].map(shortOf))
    })

    it(`announces it after ${INBOUND_POOL_MS} ms where the peer has dialled, and not before`, async () => {
      send(1)
      const [peer] = meet(1, 'inbound') as [FakeSession]
      come(peer)
      await clock.advance(INBOUND_POOL_MS - 1)
      assert.deepEqual(keysOf(peer), [])
      await clock.advance(1)
      assert.deepEqual(keysOf(peer), [shortOf(1)])
    })

    it('announces nothing to one without the feature', async () => {
      send(1)
      const [peer] = meet(1, 'outbound', { isOld: true }) as [FakeSession]
      come(peer)
      await clock.advance(INBOUND_POOL_MS)
      assert.deepEqual(peer.types, [])
    })

    it(`announces ${POOL_STEP} at a time, the next after ${POOL_STEP_MS} ms, until all are`, async () => {
      Array.from({ length: 2 * POOL_STEP + 1 }, (_, fill) => send(fill))
      const [peer] = meet(1, 'outbound') as [FakeSession]
      come(peer)
      await clock.advance(0)
      assert.equal(keysOf(peer).length, POOL_STEP)
      await clock.advance(POOL_STEP_MS - 1)
      assert.equal(keysOf(peer).length, POOL_STEP)
      await clock.advance(1)
      assert.equal(keysOf(peer).length, 2 * POOL_STEP)
      await clock.advance(POOL_STEP_MS)
      assert.equal(new Set(keysOf(peer)).size, 2 * POOL_STEP + 1)
    })

    it('announces later what the peer may not be told of now', async () => {
      Array.from({ length: 20 }, (_, fill) => send(fill))
      const [peer] = meet(1, 'outbound') as [FakeSession]
      peer.budget = budgetFor(clock, { digests: { perSecond: 10, burst: 10 } })
      come(peer)
      await clock.advance(0)
      assert.equal(keysOf(peer).length, 9)
      await clock.advance(2000)
      assert.equal(new Set(keysOf(peer)).size, 20)
    })

    it('announces no more to one that has gone', async () => {
      Array.from({ length: POOL_STEP + 1 }, (_, fill) => send(fill))
      const [peer] = meet(1, 'outbound') as [FakeSession]
      come(peer)
      await clock.advance(0)
      relay.forgetPeer(peerOf(peer))
      await clock.advance(POOL_STEP_MS)
      assert.equal(keysOf(peer).length, POOL_STEP)
    })
  })
})

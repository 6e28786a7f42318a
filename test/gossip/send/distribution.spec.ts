import assert from 'node:assert/strict'
import { FakeSession } from '../../support/fake-session.ts'
import { digestKeyOf } from '../../../src/codec/digest.ts'
import { ANNOUNCE_BYTES, Distribution, OWN_PUSH_PEERS, RELAY_PUSH_PEERS } from '../../../src/gossip/send/distribution.ts'
import { PENDING_BROADCAST_TTL_MS } from '../../../src/gossip/send/pending-broadcasts.ts'
import { MAX_STORED_BYTES, MAX_STORED_ITEMS, STORED_TTL_MS } from '../../../src/gossip/send/item-store.ts'
import { DEFERRED_WANTS_CHECK_MS } from '../../../src/gossip/send/deferred-wants.ts'
import { ReadyPeers } from '../../../src/gossip/peers.ts'
import { MAX_SEEN, SEEN_TTL_MS, SeenCache } from '../../../src/gossip/seen-cache.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { systemChance } from '../../../src/util/chance.ts'
import type { OutboundItem } from '../../../src/gossip/send/item-store.ts'

const MAX_FRAME_BYTES = 32 * 1024 * 1024
/** Peers that have a number. */
const NUMBERED = 32

function itemOf (bytes: number, fill = 1): Uint8Array {
  return new Uint8Array(bytes).fill(fill)
}

function parcelOf (item: Uint8Array, overrides: Partial<OutboundItem> = {}): OutboundItem {
  return {
    type: 'newBlock', key: digestKeyOf(item), item, frame: undefined, from: undefined, pushes: OWN_PUSH_PEERS, wants: undefined, ...overrides
  }
}

describe('gossip/send/distribution', () => {
  const small = itemOf(ANNOUNCE_BYTES - 1)
  const large = itemOf(ANNOUNCE_BYTES)
  let clock: FakeClock
  let seen: SeenCache
  let peers: ReadyPeers
  let sessions: FakeSession[]
  let distribution: Distribution

  beforeEach(() => {
    clock = new FakeClock()
    seen = new SeenCache({ clock, chance: systemChance }, NUMBERED)
    peers = new ReadyPeers(seen.maxHolders)
    sessions = []
    distribution = new Distribution({ peers, seen, clock, chance: systemChance, maxFrameBytes: MAX_FRAME_BYTES })
  })

  afterEach(() => {
    distribution.stop()
    assert.equal(clock.pending, 0)
  })

  /** Lets so many peers come. */
  function meet (count: number): FakeSession[] {
    return Array.from({ length: count }, () => {
      const session = new FakeSession(`peer ${sessions.length}`)
      sessions.push(session)
      distribution.onReady(peers.add(session.session))

      return session
    })
  }

  /** Lets a peer come in whose session no transactions pass. */
  function meetBlockOnly (): FakeSession {
    const session = Object.assign(new FakeSession('block-only'), { isBlockOnly: true, features: ['short-digests'] })
    distribution.onReady(peers.add(session.session))

    return session
  }

  function leave (session: FakeSession): void {
    const peer = peers.remove(session.session)!
    seen.forgetPeer(peer.number)
    distribution.forgetPeer(peer)
  }

  function note (session: FakeSession, item: Uint8Array): boolean {
    return distribution.noteHolder(digestKeyOf(item), peers.get(session.id)!)
  }

  function want (session: FakeSession, ...items: Uint8Array[]): void {
    distribution.onWant(items.map(digestKeyOf), peers.get(session.id)!)
  }

  /** How many peers were sent each kind of message. */
  function sent (): Record<string, number> {
    const all: Record<string, number> = {}
    sessions.flatMap(({ types }) => types).forEach((type) => { all[type!] = (all[type!] ?? 0) + 1 })

    return all
  }

  describe('to a block-only peer', () => {
    it('sends blocks of any size, and neither sends nor announces a transaction of any size', async () => {
      const session = meetBlockOnly()
      const result = [small, large].map((item) => distribution.send(parcelOf(item)))
      assert.deepEqual(result, [{ queued: 1, skipped: 0 }, { queued: 1, skipped: 0 }])
      assert.deepEqual(session.types, ['newBlock', 'newBlock'])

      for (const from of [undefined, 'elsewhere']) {
        for (const bytes of [100, ANNOUNCE_BYTES]) {
          const item = itemOf(bytes, from == null ? 3 : 4)
          assert.deepEqual(distribution.send(parcelOf(item, { type: 'newTransaction', from })), { queued: 0, skipped: 1 })
        }
      }

      await clock.advance(1000)
      assert.deepEqual(session.types, ['newBlock', 'newBlock'])
    })

    it('answers no question for a transaction, and one for a block', () => {
      meet(1)
      const transactions = [itemOf(100, 3), itemOf(ANNOUNCE_BYTES, 3)]
      // it is no block whose transactions could be looked for in the pool
      distribution.send(parcelOf(large, { pushes: 0 }))
      transactions.forEach((item) => { distribution.send(parcelOf(item, { type: 'newTransaction' })) })
      const session = meetBlockOnly()
      want(session, ...transactions, large)
      assert.deepEqual(session.types, ['newBlock'])
    })

    it('announces no pool, and sends none of the transactions that wait for a peer', async () => {
      const waiting = [100, ANNOUNCE_BYTES].map((bytes) => parcelOf(itemOf(bytes, 5), { type: 'newTransaction' }))
      waiting.forEach((outbound) => {
        distribution.send(outbound)
        distribution.keepPending(outbound)
      })
      const session = meetBlockOnly()
      await clock.advance(1000)
      assert.deepEqual(session.types, [])
      // whoever takes transactions gets them
      const [other] = meet(1)
      assert.equal(other!.types.length, 2)
    })
  })

  describe('of a small item', () => {
    it('sends the same frame to all peers that do not have it', () => {
      const [a, b, c, d] = meet(4) as [FakeSession, FakeSession, FakeSession, FakeSession]
      seen.add(digestKeyOf(small), peers.get(b.id)!.number)

      assert.deepEqual(distribution.send(parcelOf(small, { from: c.id })), { queued: 2, skipped: 2 })
      assert.deepEqual([a, b, c, d].map(({ types }) => types), [['newBlock'], [], [], ['newBlock']])
      assert.equal(a.queue[0]!.frame, d.queue[0]!.frame)
      assert.deepEqual(a.queue[0]!.item, small)
    })

    it('encodes no frame where no peer gets it', () => {
      const tight = new Distribution({ peers, seen, clock, chance: systemChance, maxFrameBytes: 1 })
      const [a] = meet(1)
      const parcel = parcelOf(small, { from: a!.id })
      assert.deepEqual(tight.send(parcel), { queued: 0, skipped: 1 })
      assert.equal(parcel.frame, undefined)
      assert.throws(() => tight.send(parcelOf(small)), { name: 'EncodeError' })
    })

    it('takes it that who did not get it does not have it', () => {
      const [a, b] = meet(2) as [FakeSession, FakeSession]
      a.isBusy = true
      const parcel = parcelOf(small, { type: 'newTransaction' })
      assert.deepEqual(distribution.send(parcel), { queued: 1, skipped: 1 })
      a.isBusy = false
      assert.deepEqual(distribution.send(parcel), { queued: 1, skipped: 1 })
      assert.deepEqual([a.types, b.types], [['newTransaction'], ['newTransaction']])
    })

    it('knows nothing of peers without a number, but not to send it back', () => {
      meet(NUMBERED)
      const [a, b] = meet(2) as [FakeSession, FakeSession]
      assert.equal(peers.get(a.id)!.number, undefined)

      assert.deepEqual(distribution.send(parcelOf(small, { from: a.id })), { queued: NUMBERED + 1, skipped: 1 })
      assert.deepEqual(distribution.send(parcelOf(small, { from: a.id })), { queued: 1, skipped: NUMBERED + 1 })
      assert.deepEqual([a.types, b.types], [[], ['newBlock', 'newBlock']])
    })
  })

  describe('of a large item', () => {
    it(`sends it to ${OWN_PUSH_PEERS} peers or ${RELAY_PUSH_PEERS}, and announces it to the others who do not have it`, () => {
      meet(10)
      seen.add(digestKeyOf(large), 0)
      assert.deepEqual(distribution.send(parcelOf(large, { from: 'peer 1' })), { queued: 8, skipped: 2 })
      assert.deepEqual(sent(), { newBlock: OWN_PUSH_PEERS, have: 8 - OWN_PUSH_PEERS })

      const other = itemOf(ANNOUNCE_BYTES, 2)
      distribution.send(parcelOf(other, { pushes: RELAY_PUSH_PEERS }))
      assert.deepEqual(sent(), { newBlock: OWN_PUSH_PEERS + RELAY_PUSH_PEERS, have: 18 - OWN_PUSH_PEERS - RELAY_PUSH_PEERS })
      distribution.send(parcelOf(itemOf(ANNOUNCE_BYTES, 3), { pushes: 0 }))
      assert.deepEqual(sent(), { newBlock: OWN_PUSH_PEERS + RELAY_PUSH_PEERS, have: 28 - OWN_PUSH_PEERS - RELAY_PUSH_PEERS })
    })

    it('sends it to all peers with one byte less', () => {
      meet(10)
      distribution.send(parcelOf(small))
      assert.deepEqual(sent(), { newBlock: 10 })
    })

    it('sends it to others each time', () => {
      meet(20)
      const met = new Set<string>()

      for (let i = 0; i < 30; i++) {
        distribution.send(parcelOf(itemOf(ANNOUNCE_BYTES, i), { pushes: 1 }))
      }

      sessions.filter(({ types }) => types.includes('newBlock')).forEach(({ id }) => met.add(id))
      // with the same 3 of 20 in 30 draws it would be a wonder
      assert.ok(met.size > 3)
    })

    it('sends it to those for whom not much waits first, and word of it to the others', () => {
      meet(OWN_PUSH_PEERS + 4).slice(0, 4).forEach((session) => { session.isBusy = true })
      distribution.send(parcelOf(large))

      assert.deepEqual(sessions.map(({ types }) => types), [
        ...Array<string[]>(4).fill(['have']), ...Array<string[]>(OWN_PUSH_PEERS).fill(['newBlock'])
      ])
    })

    it('sends a block also to those for whom much waits, where there are no others, and no word of a transaction', () => {
      meet(OWN_PUSH_PEERS + 1).forEach((session) => { session.isBusy = true })
      assert.deepEqual(distribution.send(parcelOf(large)), { queued: OWN_PUSH_PEERS + 1, skipped: 0 })
      assert.deepEqual(sent(), { newBlock: OWN_PUSH_PEERS, have: 1 })
      const other = parcelOf(itemOf(ANNOUNCE_BYTES, 2), { type: 'newTransaction' })
      assert.deepEqual(distribution.send(other), { queued: 0, skipped: OWN_PUSH_PEERS + 1 })
    })

    it('is skipped by peers that take nothing', () => {
      meet(5)[0]!.isFull = true
      assert.deepEqual(distribution.send(parcelOf(large)), { queued: 4, skipped: 1 })
    })

    it('sends it once to each, and announces it again to peers that have not said that they have it', () => {
      meet(5)
      distribution.send(parcelOf(large))
      assert.deepEqual(distribution.send(parcelOf(large, { pushes: 0 })), { queued: 5 - OWN_PUSH_PEERS, skipped: OWN_PUSH_PEERS })
      assert.deepEqual(sent(), { newBlock: OWN_PUSH_PEERS, have: 2 * (5 - OWN_PUSH_PEERS) })
    })

    it('sends it to all peers where it is too large to be kept', () => {
      meet(5)[0]!.isBusy = true
      // the frame is a few bytes longer
      distribution.send(parcelOf(itemOf(MAX_STORED_BYTES - 5)))
      assert.deepEqual(sent(), { newBlock: 5 })
      distribution.send(parcelOf(itemOf(MAX_STORED_BYTES - 100)))
      assert.deepEqual(sent(), { newBlock: 5 + OWN_PUSH_PEERS, have: 5 - OWN_PUSH_PEERS })
    })
  })

  describe('to peers that are reached through relays', () => {
    it('announces a large item, sends it to others instead, and to them when they ask for it', () => {
      meet(OWN_PUSH_PEERS + 4).slice(0, 4).forEach((session) => { session.isRelayed = true })
      assert.deepEqual(distribution.send(parcelOf(large)), { queued: OWN_PUSH_PEERS + 4, skipped: 0 })
      assert.deepEqual(sessions.map(({ types }) => types), [
        ...Array<string[]>(4).fill(['have']), ...Array<string[]>(OWN_PUSH_PEERS).fill(['newBlock'])
      ])

      want(sessions[0]!, large)
      assert.deepEqual(sessions[0]!.types, ['have', 'newBlock'])
    })

    it('announces a large item also where there are no others', () => {
      meet(2).forEach((session) => { session.isRelayed = true })
      distribution.send(parcelOf(large))

      assert.deepEqual(sent(), { have: 2 })
    })

    it('sends a small one as to all peers', () => {
      meet(2).forEach((session) => { session.isRelayed = true })
      distribution.send(parcelOf(small))

      assert.deepEqual(sent(), { newBlock: 2 })
    })

    it('announces a pending broadcast where it is large', () => {
      distribution.keepPending(parcelOf(large))
      distribution.keepPending(parcelOf(small))
      const session = Object.assign(new FakeSession('relayed'), { isRelayed: true })
      distribution.onReady(peers.add(session.session))

      assert.deepEqual(session.types.toSorted(), ['have', 'newBlock'])
    })
  })

  describe('of what is wanted', () => {
    let asker: FakeSession

    beforeEach(() => {
      [asker] = meet(1) as [FakeSession]
      distribution.send(parcelOf(large, { pushes: 0 }))
      asker.queue.length = 0
    })

    it('sends it, once, however often it is asked for', () => {
      want(asker, large, large)
      want(asker, large)

      assert.deepEqual(asker.types, ['newBlock'])
      assert.deepEqual([asker.queue[0]!.item, asker.queue[0]!.priority], [large, 'block'])
    })

    it('sends it once also where it is no longer remembered who has what', () => {
      want(asker, large)
      Array.from({ length: 3 * MAX_SEEN }, (_, i) => digestKeyOf(Buffer.from(String(i)))).forEach((key) => seen.add(key))
      assert.equal(seen.has(digestKeyOf(large)), false)
      want(asker, large)

      assert.deepEqual(asker.types, ['newBlock'])
    })

    it('sends it once also to a peer without a number', () => {
      const [stranger] = meet(NUMBERED).slice(-1)
      want(stranger!, large)
      want(stranger!, large)

      assert.deepEqual(stranger!.types, ['newBlock'])
    })

    it('sends it again to a peer that had gone', () => {
      want(asker, large)
      leave(asker)
      distribution.onReady(peers.add(asker.session))
      want(asker, large)

      assert.deepEqual(asker.types, ['newBlock', 'newBlock'])
    })

    it('sends nothing to who has it, by what was said, sent or asked for', () => {
      assert.equal(note(asker, large), true)
      want(asker, large)

      assert.deepEqual(asker.types, [])
    })

    it('sends nothing while too much waits, and once, without being asked again, when there is room', async () => {
      asker.isBusy = true
      want(asker, large, large, itemOf(ANNOUNCE_BYTES, 9))
      await clock.advance(10 * DEFERRED_WANTS_CHECK_MS)
      assert.deepEqual(asker.types, [])
      asker.isBusy = false
      await clock.advance(DEFERRED_WANTS_CHECK_MS)
      assert.deepEqual(asker.types, ['newBlock'])
      assert.equal(clock.pending, 1, 'nothing is owed any more, only kept')
    })

    it('sends nothing that is small, unknown or was not accepted', () => {
      distribution.send(parcelOf(small, { from: asker.id }))
      want(asker, small, itemOf(ANNOUNCE_BYTES, 9))

      assert.deepEqual(asker.types, [])
    })

    it(`sends it for ${STORED_TTL_MS} ms, and not later`, async () => {
      const [late] = meet(1)
      await clock.advance(STORED_TTL_MS - 1)
      want(asker, large)
      await clock.advance(1)
      want(late!, large)

      assert.deepEqual([asker.types, late!.types], [['newBlock'], []])
      assert.ok(STORED_TTL_MS < SEEN_TTL_MS)
    })
  })

  describe('of what a peer has', () => {
    it('says whether this node has seen it', () => {
      const [a] = meet(1) as [FakeSession]
      assert.equal(note(a, small), false)
      assert.equal(seen.has(digestKeyOf(small)), false)
      seen.add(digestKeyOf(small))
      assert.equal(note(a, small), true)
      assert.deepEqual(distribution.send(parcelOf(small)), { queued: 0, skipped: 1 })
    })

    it('takes back what waits for it, and looks for it once', () => {
      const [a] = meet(1) as [FakeSession]
      distribution.send(parcelOf(large))
      assert.deepEqual(a.types, ['newBlock'])
      const { frame } = a.queue[0]!
      note(a, large)
      note(a, large)

      assert.deepEqual([a.types, a.cancelled], [[], [frame]])
    })

    it('takes back what it was sent because it asked, too', () => {
      const [a] = meet(1) as [FakeSession]
      distribution.send(parcelOf(large, { pushes: 0 }))
      want(a, large)
      note(a, large)

      assert.deepEqual(a.types, ['have'])
    })

    it('looks for nothing that was not sent to it', () => {
      const [a] = meet(1) as [FakeSession]
      distribution.send(parcelOf(large, { pushes: 0 }))
      note(a, large)

      assert.deepEqual(a.cancelled, [])
    })
  })

  describe('of pending broadcasts', () => {
    it('sends it to each who comes', () => {
      const items = [small, itemOf(100), itemOf(200)]
      items.forEach((item) => { distribution.keepPending(parcelOf(item)) })
      meet(OWN_PUSH_PEERS + 2)

      for (const { queue } of sessions) {
        assert.deepEqual(queue.map(({ item }) => item), items)
      }
    })

    it(`sends a large one to ${OWN_PUSH_PEERS}, and announces it to peers that come later`, () => {
      distribution.keepPending(parcelOf(large))
      distribution.keepPending(parcelOf(itemOf(ANNOUNCE_BYTES, 2)))
      meet(OWN_PUSH_PEERS + 1)
      const last = sessions.at(-1)!

      assert.deepEqual(sent(), { newBlock: 2 * OWN_PUSH_PEERS, have: 1 })
      assert.equal(last.queue[0]!.digests!.length, 2)
      want(last, large)
      assert.deepEqual(last.types, ['have', 'newBlock'])
    })

    it('announces what is too much for a peer', () => {
      distribution.keepPending(parcelOf(small))
      const session = new FakeSession('slow')
      session.isBusy = true
      distribution.onReady(peers.add(session.session))
      assert.deepEqual(session.types, ['have'])
      session.isBusy = false
      want(session, small)
      assert.deepEqual(session.types, ['have', 'newBlock'])
    })

    it('announces no more than can be asked for', () => {
      for (let i = 0; i < MAX_STORED_ITEMS + 1; i++) {
        distribution.keepPending(parcelOf(itemOf(100, i)))
      }

      const session = new FakeSession('slow')
      session.isBusy = true
      distribution.onReady(peers.add(session.session))
      assert.equal(session.queue[0]!.digests!.length, MAX_STORED_ITEMS)
    })

    it('sends it to no peer that has it', () => {
      distribution.keepPending(parcelOf(large))
      const [a] = meet(1) as [FakeSession]
      note(a, large)
      assert.deepEqual(a.types, [], 'it was taken back')
      const again = new FakeSession(a.id)
      distribution.onReady(peers.add(again.session))
      assert.deepEqual(again.types, [])
    })

    it(`sends it for ${PENDING_BROADCAST_TTL_MS} ms, and not later`, async () => {
      distribution.keepPending(parcelOf(small))
      await clock.advance(PENDING_BROADCAST_TTL_MS - 1)
      const [a] = meet(1)
      await clock.advance(1)
      const [b] = meet(1)

      assert.deepEqual([a!.types, b!.types], [['newBlock'], []])
    })
  })

  it('lets go of everything when it is stopped', () => {
    meet(1)
    distribution.send(parcelOf(large, { pushes: 0 }))
    distribution.keepPending(parcelOf(small))
    distribution.stop()
    assert.equal(clock.pending, 0)
    want(sessions[0]!, large)
    meet(1)

    assert.deepEqual(sent(), { have: 1 })
  })
})

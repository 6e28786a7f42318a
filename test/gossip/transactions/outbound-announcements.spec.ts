import assert from 'node:assert/strict'
import { FakeClock } from '../../support/fake-clock.ts'
import { FakeSession } from '../../support/fake-session.ts'
import { ReadyPeers } from '../../../src/gossip/peers.ts'
import { SeenCache } from '../../../src/gossip/seen-cache.ts'
import {
  FULL_ANNOUNCEMENTS, LULL_MS, OUTBOUND_MS, OutboundAnnouncements, SOON_MS, SOON_PEERS, dueInLull
} from '../../../src/gossip/transactions/outbound-announcements.ts'
import { seededChance } from '../../../src/util/chance.ts'

/** A short digest, as a key. */
const keyOf = (number: number): string => String(number).padStart(16, '0')
const hexOf = (number: number): string => Buffer.from(keyOf(number), 'latin1').toString('hex')

describe('gossip/transactions/outbound-announcements', () => {
  let clock: FakeClock
  let seen: SeenCache
  let peers: ReadyPeers
  let announcements: OutboundAnnouncements
  const chance = seededChance(11)

  beforeEach(() => {
    clock = new FakeClock()
    seen = new SeenCache({ clock, chance }, 64)
    peers = new ReadyPeers(seen.maxHolders)
    announcements = new OutboundAnnouncements({ clock, chance, peers, seen })
  })

  afterEach(() => {
    announcements.stop()
    assert.equal(clock.pending, 0)
  })

  function meet (count: number): FakeSession[] {
    return Array.from({ length: count }, () => {
      const session = new FakeSession(`peer ${peers.size}`, 'outbound')
      session.features = ['short-digests']
      peers.add(session.session)

      return session
    })
  }

  /** A transaction that these peers lack, and all ready ones where none are given. */
  function add (number: number, lacking = [...peers]): void { announcements.add(keyOf(number), lacking) }

  const heardBy = ({ queue }: FakeSession): string[] => queue.flatMap(({ shortDigests }) => shortDigests ?? [])
  const messagesOf = (sessions: FakeSession[]): number => sessions.reduce((sum, { queue }) => sum + queue.length, 0)

  it('tells those first that have waited longest', async () => {
    const sessions = meet(4 * SOON_PEERS)

    for (let number = 1; number <= 4; number++) {
      add(number)
      await clock.advance(SOON_MS)
      assert.equal(messagesOf(sessions), number * SOON_PEERS)
    }

    assert.ok(sessions.every(({ queue }) => queue.length === 1), 'each has heard once')
  })

  it('tells a peer of all that it has not been told of, and of nothing twice', async () => {
    const sessions = meet(2 * SOON_PEERS)
    add(1)
    await clock.advance(SOON_MS)
    const first = sessions.filter(({ queue }) => queue.length > 0)
    const others = sessions.filter(({ queue }) => queue.length === 0)
    add(2)
    await clock.advance(SOON_MS)
    assert.deepEqual(others.map(heardBy), others.map(() => [hexOf(1), hexOf(2)]))
    await clock.advance(3 * OUTBOUND_MS)
    assert.deepEqual(first.map(heardBy), first.map(() => [hexOf(1), hexOf(2)]))
    assert.deepEqual(others.map(({ queue }) => queue.length), others.map(() => 1))
  })

  it('takes no other messages than those at once while transactions come one after the other', async () => {
    const sessions = meet(8)
    const [count, pauseMs] = [40, 50]

    for (let number = 0; number < count; number++) {
      add(number)
      await clock.advance(pauseMs)
    }

    assert.equal(messagesOf(sessions), count * SOON_PEERS)
    await clock.advance(3 * OUTBOUND_MS)
    assert.deepEqual(sessions.map((session) => heardBy(session).length), sessions.map(() => count))
  })

  it(`tells ${SOON_PEERS} alone of what comes within ${SOON_MS} ms, where all of them lack it`, async () => {
    const sessions = meet(12)
    add(1)
    await clock.advance(SOON_MS - 1)
    add(2)
    await clock.advance(1)
    assert.equal(messagesOf(sessions), SOON_PEERS)
    assert.deepEqual(sessions.filter(({ queue }) => queue.length > 0).map(heardBy), Array(SOON_PEERS).fill([hexOf(1), hexOf(2)]))
  })

  it('tells others where those that are about to hear have it', async () => {
    const sessions = meet(2 * SOON_PEERS)
    add(1, [...peers].slice(0, SOON_PEERS))
    add(2, [...peers].slice(SOON_PEERS))
    await clock.advance(SOON_MS)
    assert.equal(messagesOf(sessions), 2 * SOON_PEERS)
  })

  it(`tells all that it has dialled at once where ${FULL_ANNOUNCEMENTS} wait, and ${SOON_PEERS} where one less does`, async () => {
    const sessions = meet(12)
    Array.from({ length: FULL_ANNOUNCEMENTS - 1 }, (_, number) => { add(number) })
    await clock.advance(SOON_MS)
    assert.equal(messagesOf(sessions), SOON_PEERS)
    add(FULL_ANNOUNCEMENTS)
    await clock.advance(SOON_MS)
    assert.deepEqual(sessions.map((session) => heardBy(session).length), sessions.map(() => FULL_ANNOUNCEMENTS))
  })

  it(`waits on where the last one came less than ${LULL_MS} ms ago, for twice as long at most`, () => {
    const wait = OUTBOUND_MS
    assert.equal(dueInLull({ due: 1000, wait, latest: 1000 - LULL_MS }), 1000)
    assert.equal(dueInLull({ due: 1000, wait, latest: 1001 - LULL_MS }), 1001)
    assert.equal(dueInLull({ due: 1000, wait, latest: 999 + wait - LULL_MS }), 999 + wait)
    assert.equal(dueInLull({ due: 1000, wait, latest: 1001 + wait - LULL_MS }), 1000 + wait)
  })

  it('tells the others after the wait where no transaction comes, and after twice the wait at the latest where some do', async () => {
    const sessions = meet(60)
    const told = (number: number): number => sessions.filter((session) => heardBy(session).includes(hexOf(number))).length
    add(0)
    await clock.advance(1.25 * OUTBOUND_MS)
    assert.equal(told(0), 60)
    const [start, stepMs] = [clock.now(), LULL_MS - 1]

    for (let number = 1; clock.now() - start < 2.25 * OUTBOUND_MS; number++) {
      assert.ok(clock.now() - start >= 1.75 * OUTBOUND_MS || told(1) <= number * SOON_PEERS, 'those alone that hear at once')
      add(number)
      await clock.advance(stepMs)
    }

    assert.equal(told(1), 60)
    await clock.advance(1.25 * OUTBOUND_MS)
  })

  it('tells each peer of each transaction once, whatever it comes to have and whoever comes and goes', async () => {
    const sessions = meet(6)
    const knows = new Set<string>()
    let count = 0

    for (let step = 0; step < 400; step++) {
      const [kind, which] = [chance.random(), Math.floor(chance.random() * sessions.length)]

      if (kind < 0.6) {
        add(count++)
      } else if (kind < 0.7) {
        seen.add(keyOf(count), peers.get(sessions[which]!.id)!.number)
        knows.add(`${sessions[which]!.id} ${hexOf(count)}`)
      } else if (kind < 0.72) {
        const [guest] = meet(1)
        await clock.advance(2)
        peers.remove(guest!.session)
      } else {
        await clock.advance(Math.floor(chance.random() * 120))
      }
    }

    await clock.advance(3 * OUTBOUND_MS)

    for (const session of sessions) {
      const heard = heardBy(session)
      const expected = Array.from({ length: count }, (_, number) => hexOf(number)).filter((hex) => !knows.has(`${session.id} ${hex}`))
      assert.deepEqual(heard, expected)
    }
  })
})

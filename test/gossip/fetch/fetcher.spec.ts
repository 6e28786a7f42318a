import assert from 'node:assert/strict'
import fc from 'fast-check'
import { MAX_ANSWER_MS, MIN_ANSWER_MS } from '../../../src/gossip/fetch/answer-time.ts'
import { AWAY_MS } from '../../../src/gossip/fetch/away.ts'
import {
  MIN_WANT_WAIT_MS, WANT_ASKED_AT_ONCE, WANT_HOLD_MS, WANT_PROGRESS_BYTES, WANT_ROUNDS_MS, WANT_TIMEOUT_MS
} from '../../../src/gossip/fetch/want-requests.ts'
import { MAX_WANTED_PER_PEER } from '../../../src/gossip/fetch/wanted-items.ts'
import { WANT_DELAY_MS, WANT_SLACK_MS, Fetcher } from '../../../src/gossip/fetch/fetcher.ts'
import { UNKNOWN_LOCATION } from '../../../src/address/location.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import type { AnnouncerKey } from '../../../src/gossip/fetch/announcer.ts'
import type { Direction } from '../../../src/types/peer.ts'

function peer (id: string, direction: Direction = 'inbound'): AnnouncerKey {
  return { id, direction, location: UNKNOWN_LOCATION }
}

const alice = peer('alice')
const bob = peer('bob')
const carol = peer('carol', 'outbound')

/** Who may still be asked for an item, how often each may be, and when a peer was asked last. */
interface Open {
  left: Map<string, number>
  asked: number
  lastAskAt: number
}

/** What a list of all announcements says of each question that is asked. */
class Model {
  readonly clock = new FakeClock()
  readonly wants: Fetcher
  readonly #open = new Map<string, Open>()
  readonly #sessions = new Set<string>()

  constructor () {
    this.wants = new Fetcher({ clock: this.clock, ask: (id, keys) => { keys.forEach((key) => { this.#onAsk(id, key) }) } })
  }

  announce (by: AnnouncerKey, key: string): void {
    if (!this.#sessions.has(by.id)) {
      this.back(by)
    }

    const item = this.#open.get(key) ?? { left: new Map(), asked: 0, lastAskAt: Infinity }
    // what no peer has sent in time is given up, and wanted anew where it is announced again
    const isGivenUp = this.clock.now() >= item.lastAskAt + WANT_TIMEOUT_MS - WANT_SLACK_MS
    this.#open.set(key, item)

    if (!item.left.has(by.id) || isGivenUp) {
      // once in the session that it has, and once in another one that it may have later
      item.left.set(by.id, 2)
    }

    this.wants.announced(key, by)
  }

  arrive (by: AnnouncerKey, key: string): void {
    this.wants.arrived(key, by.id)
    this.#open.delete(key)
  }

  leave ({ id }: AnnouncerKey): void {
    this.#sessions.delete(id)
    this.wants.onGone(id)
  }

  back (by: AnnouncerKey): void {
    this.#sessions.add(by.id)
    this.wants.onBack(by)
  }

  check (): void {
    // peers that came to nothing end by themselves
    assert.ok(this.wants.size <= this.#open.size)
    assert.ok(this.clock.pending <= 1)
    assert.equal(this.clock.pending, this.wants.size === 0 ? 0 : 1)
  }

  #onAsk (id: string, key: string): void {
    const item = this.#open.get(key)
    assert(item != null, `${key} is waited for`)
    const times = item.left.get(id) ?? 0
    assert.ok(times > 0, `${id} has announced ${key} and was not asked for it as often as may be`)
    assert.ok(this.#sessions.has(id), `${id} is there`)
    item.left.set(id, times - 1)
    item.asked++
    item.lastAskAt = this.clock.now()
  }
}

describe('gossip/fetch/fetcher', () => {
  let clock: FakeClock
  let wants: Fetcher
  /** Who was asked for what since it was looked at last. */
  let asked: [id: string, ...keys: string[]][]

  beforeEach(() => {
    clock = new FakeClock()
    asked = []
    wants = new Fetcher({ clock, ask: (id, keys) => { asked.push([id, ...keys]) } })
  })

  afterEach(() => {
    wants.stop()
    assert.equal(clock.pending, 0)
  })

  function takeAsked (): [id: string, ...keys: string[]][] {
    return asked.splice(0)
  }

  function announce (by: AnnouncerKey, ...keys: string[]): void {
    keys.forEach((key) => { wants.announced(key, by) })
  }

  function keys (prefix: string, count: number): string[] {
    return Array.from({ length: count }, (_, index) => `${prefix} ${index}`)
  }

  /** Lets a peer answer so often that an answer is known to take `ms`. */
  async function measure (ms: number): Promise<void> {
    for (let i = 0; i < 50; i++) {
      announce(alice, `measured ${i}`)
      await clock.advance(WANT_DELAY_MS + ms)
      wants.arrived(`measured ${i}`, 'alice')
    }

    takeAsked()
  }

  describe('asks', () => {
    it(`for what has not come within ${WANT_DELAY_MS} ms, and not before`, async () => {
      announce(alice, 'a')
      await clock.advance(WANT_DELAY_MS - 1)
      assert.deepEqual(takeAsked(), [])
      await clock.advance(1)
      assert.deepEqual(takeAsked(), [['alice', 'a']])
    })

    it('the outbound announcer before inbound ones that were earlier, and of these the first', async () => {
      announce(alice, 'a', 'b')
      announce(bob, 'a', 'b')
      announce(carol, 'b')
      await clock.advance(WANT_DELAY_MS)
      assert.deepEqual(takeAsked(), [['alice', 'a'], ['carol', 'b']])
    })

    it('one peer for all that is due of it, in one go', async () => {
      announce(alice, ...keys('a', MAX_WANTED_PER_PEER))
      await clock.advance(WANT_DELAY_MS)
      assert.deepEqual(takeAsked(), [['alice', ...keys('a', MAX_WANTED_PER_PEER)]])
    })

    it(`for what is due within ${WANT_SLACK_MS} ms too, and not for what is due later`, async () => {
      announce(alice, 'a')
      await clock.advance(WANT_SLACK_MS)
      announce(alice, 'b')
      await clock.advance(1)
      announce(alice, 'c')
      await clock.advance(WANT_DELAY_MS - WANT_SLACK_MS - 1)
      assert.deepEqual(takeAsked(), [['alice', 'a', 'b']])
      await clock.advance(WANT_SLACK_MS + 1)
      assert.deepEqual(takeAsked(), [['alice', 'c']])
    })

    it('those last that have left a request unanswered', async () => {
      const due = async (...keys: string[]): Promise<string[]> => {
        keys.forEach((key) => { announce(alice, key); announce(bob, key) })
        await clock.advance(WANT_DELAY_MS)

        return takeAsked().map(([id]) => id)
      }

      assert.deepEqual(await due('a'), ['alice'])
      await clock.advance(MAX_ANSWER_MS)
      wants.arrived('a', 'bob')
      takeAsked()
      assert.deepEqual(await due('b'), ['bob'])
      wants.arrived('b', 'alice')
      assert.deepEqual(await due('c'), ['bob'])
    })

    it('by one timer', async () => {
      for (let i = 0; i < 20; i++) {
        announce(alice, `a ${i}`)
        announce(bob, `b ${i}`)
        assert.equal(clock.pending, 1)
        await clock.advance(7)
      }

      await clock.advance(WANT_DELAY_MS)
      assert.equal(clock.pending, 1)
      assert.equal(takeAsked().flatMap(([, ...keys]) => keys).length, 40)
    })
  })

  describe('while no peer sends it', () => {
    const crew = Array.from({ length: 32 }, (_, index) => peer(`peer ${index}`))

    it(`asks ${WANT_ASKED_AT_ONCE} others after ${MAX_ANSWER_MS} ms where no answer was measured, and not before`, async () => {
      crew.slice(0, 4).forEach((each) => { announce(each, 'a') })
      await clock.advance(WANT_DELAY_MS)
      assert.deepEqual(takeAsked(), [['peer 0', 'a']])
      await clock.advance(MAX_ANSWER_MS - WANT_SLACK_MS - 1)
      assert.deepEqual(takeAsked(), [])
      await clock.advance(WANT_SLACK_MS + 1)
      assert.deepEqual(takeAsked(), [['peer 1', 'a'], ['peer 2', 'a']])
    })

    for (const ms of [MIN_ANSWER_MS, 400]) {
      it(`asks others after ${ms} ms where answers take as long, and goes on at that pace`, async () => {
        await measure(ms)
        crew.slice(0, 5).forEach((each) => { announce(each, 'a') })
        await clock.advance(WANT_DELAY_MS)
        const counts: number[] = []

        for (let i = 0; i < 3; i++) {
          counts.push(takeAsked().length)
          await clock.advance(ms - WANT_SLACK_MS - 2)
          assert.deepEqual(takeAsked(), [])
          await clock.advance(WANT_SLACK_MS + 4)
        }

        assert.deepEqual(counts, [1, 2, 2])
      })
    }

    it(`has asked all of ${crew.length} announcers within ${WANT_ROUNDS_MS} ms, each once, ${WANT_ASKED_AT_ONCE} at most at a time`, async () => {
      crew.forEach((each) => { announce(each, 'a') })
      await clock.advance(WANT_DELAY_MS)
      const since = clock.now()
      const counts = new Map<number, number>()

      while (clock.now() - since < WANT_ROUNDS_MS + WANT_SLACK_MS) {
        takeAsked().forEach(() => { counts.set(clock.now(), (counts.get(clock.now()) ?? 0) + 1) })
        await clock.advance(1)
      }

      assert.equal([...counts.values()].reduce((sum, count) => sum + count, 0), crew.length)
      assert.ok([...counts.values()].every((count) => count <= WANT_ASKED_AT_ONCE))
      const times = [...counts.keys()]
      const pauses = times.slice(1).map((time, index) => time - times[index]!)
      assert.ok(Math.min(...pauses) >= MIN_WANT_WAIT_MS - WANT_SLACK_MS, `${pauses.join()} ms`)
      assert.ok(pauses[0]! >= MAX_ANSWER_MS - WANT_SLACK_MS, 'the first has its time')
    })

    it(`waits for ${WANT_TIMEOUT_MS} ms when no peer is left, then forgets it`, async () => {
      announce(alice, 'a')
      announce(bob, 'a')
      await clock.advance(WANT_DELAY_MS)
      await clock.advance(MAX_ANSWER_MS)
      assert.deepEqual(takeAsked(), [['alice', 'a'], ['bob', 'a']])
      await clock.advance(WANT_TIMEOUT_MS - WANT_SLACK_MS - 1)
      assert.equal(wants.size, 1)
      await clock.advance(WANT_SLACK_MS + 1)
      assert.deepEqual([wants.size, clock.pending, takeAsked()], [0, 0, []])
    })

    it('asks a peer that announces it then at once, and none twice', async () => {
      announce(alice, 'a')
      await clock.advance(WANT_DELAY_MS + MAX_ANSWER_MS)
      takeAsked()
      announce(alice, 'a')
      announce(bob, 'a')
      await clock.advance(0)
      assert.deepEqual(takeAsked(), [['bob', 'a']])
      await clock.advance(2 * WANT_TIMEOUT_MS)
      assert.deepEqual([takeAsked(), wants.size], [[], 0])
    })

    it('asks one who announces it while another is asked when that one has had its time', async () => {
      announce(alice, 'a')
      await clock.advance(WANT_DELAY_MS + MAX_ANSWER_MS / 2)
      announce(bob, 'a')
      takeAsked()
      await clock.advance(MAX_ANSWER_MS / 2 - WANT_SLACK_MS - 1)
      assert.deepEqual(takeAsked(), [])
      await clock.advance(WANT_SLACK_MS + 1)
      assert.deepEqual(takeAsked(), [['bob', 'a']])
    })
  })

  describe('of a peer that is sending something', () => {
    let received: number

    beforeEach(() => {
      received = 0
      wants = new Fetcher({
        clock,
        ask: (id, keys) => { asked.push([id, ...keys]) },
        receivedFrom: (id) => id === 'alice' ? received : 0
      })
      announce(alice, 'a')
      announce(bob, 'a')
    })

    it('asks no other peer while it goes on', async () => {
      await clock.advance(WANT_DELAY_MS)

      for (let i = 0; i < 2; i++) {
        received += WANT_PROGRESS_BYTES
        await clock.advance(MAX_ANSWER_MS)
        assert.deepEqual(takeAsked(), i === 0 ? [['alice', 'a']] : [])
      }

      received += WANT_PROGRESS_BYTES - 1
      await clock.advance(MAX_ANSWER_MS)
      assert.deepEqual(takeAsked(), [['bob', 'a']])
    })

    it(`asks others after ${WANT_HOLD_MS} ms`, async () => {
      await clock.advance(WANT_DELAY_MS)
      takeAsked()

      for (let ms = 0; ms < WANT_HOLD_MS - MAX_ANSWER_MS; ms += MAX_ANSWER_MS) {
        received += WANT_PROGRESS_BYTES
        await clock.advance(MAX_ANSWER_MS)
        assert.deepEqual(takeAsked(), [])
      }

      received += WANT_PROGRESS_BYTES
      await clock.advance(MAX_ANSWER_MS)
      assert.deepEqual(takeAsked(), [['bob', 'a']])
    })
  })

  describe('of peers that may be asked for so much', () => {
    let left: Record<string, number>

    beforeEach(() => {
      left = {}
      wants = new Fetcher({
        clock,
        ask: (id, keys) => { asked.push([id, ...keys]) },
        mayAsk: (id) => {
          left[id] ??= 0
          left[id]--

          return left[id] >= 0
        }
      })
    })

    it('asks for as much as it may, and for the rest as soon as it may', async () => {
      left = { alice: 2 }
      announce(alice, ...keys('a', 3))
      await clock.advance(WANT_DELAY_MS)
      assert.deepEqual(takeAsked(), [['alice', 'a 0', 'a 1']])
      await clock.advance(3 * WANT_DELAY_MS)
      assert.deepEqual([takeAsked(), wants.size, clock.pending], [[], 3, 1])
      left = { alice: 2 }
      await clock.advance(WANT_DELAY_MS)
      assert.deepEqual(takeAsked(), [['alice', 'a 2']])
    })

    it('asks another one instead, who has announced it too', async () => {
      left = { alice: 1, bob: 5 }
      announce(alice, ...keys('a', 2))
      announce(bob, ...keys('a', 2))
      await clock.advance(WANT_DELAY_MS)
      assert.deepEqual(takeAsked(), [['alice', 'a 0'], ['bob', 'a 1']])
      await clock.advance(MAX_ANSWER_MS)
      assert.deepEqual(takeAsked(), [['bob', 'a 0']])
      left = { alice: 1 }
      await clock.advance(WANT_DELAY_MS)
      assert.deepEqual(takeAsked(), [['alice', 'a 1']])
      await clock.advance(2 * WANT_TIMEOUT_MS)
      assert.equal(wants.size, 0)
    })

    it('waits for nothing that comes meanwhile, nor for long where all who have it have gone', async () => {
      announce(alice, 'a', 'b')
      announce(bob, 'b', 'c')
      await clock.advance(2 * WANT_DELAY_MS)
      wants.arrived('a', 'alice')
      wants.onGone('bob')
      wants.onGone('alice')
      assert.equal(wants.size, 2)
      await clock.advance(AWAY_MS)

      assert.deepEqual([wants.size, clock.pending, takeAsked()], [0, 0, []])
    })

    it('asks for what is put off in the order of time, by one timer', async () => {
      announce(alice, 'a')
      await clock.advance(WANT_DELAY_MS)
      await clock.advance(10)
      announce(alice, 'b')
      left = { alice: 10 }
      await clock.advance(WANT_DELAY_MS - 10)
      assert.deepEqual([takeAsked(), clock.pending], [[['alice', 'a']], 1])
      await clock.advance(10)
      assert.deepEqual(takeAsked(), [['alice', 'b']])
    })
  })

  describe('ends', () => {
    it('when an item comes before any peer is asked', async () => {
      announce(alice, 'a', 'b')
      announce(bob, 'a')
      const want = wants.arrived('a', 'bob')
      assert.deepEqual([want?.asked, want?.announcers.map(({ id }) => id)], [[], ['alice', 'bob']])
      assert.equal(wants.size, 1)
      await clock.advance(WANT_DELAY_MS)
      assert.deepEqual(takeAsked(), [['alice', 'b']])
    })

    it('when it comes after a peer was asked, and asks no other peer', async () => {
      announce(alice, 'a')
      announce(bob, 'a')
      await clock.advance(WANT_DELAY_MS)
      takeAsked()
      const want = wants.arrived('a', 'alice')
      assert.deepEqual([want?.asked.map(({ id }) => id), want?.announcers.map(({ id }) => id)], [['alice'], ['alice', 'bob']])
      assert.deepEqual([wants.size, clock.pending], [0, 0])
      await clock.advance(2 * WANT_TIMEOUT_MS)
      assert.deepEqual(takeAsked(), [])
    })

    it('for what was never announced, as well', () => {
      assert.equal(wants.arrived('a', 'alice'), undefined)
      assert.equal(wants.arrived('a'), undefined)
      wants.noteUseful('alice')
      wants.answered('a', 'alice')
    })

    it('when it is stopped', async () => {
      announce(alice, 'a')
      wants.stop()
      assert.deepEqual([wants.size, clock.pending], [0, 0])
      announce(bob, 'a')
      await clock.advance(WANT_DELAY_MS)
      assert.deepEqual(takeAsked(), [['bob', 'a']])
    })
  })

  describe('when a peer has gone', () => {
    it('asks the next announcer at once, in one go, for what that peer was asked', async () => {
      announce(alice, 'a', 'b', 'c')
      announce(bob, 'a', 'b')
      await clock.advance(WANT_DELAY_MS)
      takeAsked()
      wants.onGone('alice')
      assert.deepEqual(takeAsked(), [['bob', 'a', 'b']])
    })

    it('goes on waiting for the others while no peer is asked', async () => {
      announce(alice, 'a', 'b')
      announce(bob, 'a')
      wants.onGone('alice')
      assert.deepEqual(takeAsked(), [])
      await clock.advance(WANT_DELAY_MS)
      assert.deepEqual(takeAsked(), [['bob', 'a']])
    })

    it('does not ask it later', async () => {
      announce(alice, 'a')
      announce(bob, 'a')
      await clock.advance(WANT_DELAY_MS)
      takeAsked()
      wants.onGone('bob')
      wants.onGone('nobody')
      await clock.advance(AWAY_MS)
      assert.deepEqual([takeAsked(), wants.size], [[], 0])
    })

    it(`waits for ${AWAY_MS} ms for it to come back, and asks it ${WANT_DELAY_MS} ms later`, async () => {
      announce(alice, 'a')
      wants.onGone('alice')
      await clock.advance(AWAY_MS - WANT_SLACK_MS - 1)
      assert.deepEqual([takeAsked(), wants.size], [[], 1])
      wants.onBack(alice)
      await clock.advance(WANT_DELAY_MS - 1)
      assert.deepEqual(takeAsked(), [])
      await clock.advance(1)
      assert.deepEqual(takeAsked(), [['alice', 'a']])
    })

    it('knows nothing of what it has announced after that', async () => {
      announce(alice, 'a')
      wants.onGone('alice')
      await clock.advance(AWAY_MS)
      assert.deepEqual([wants.size, clock.pending], [0, 0])
      wants.onBack(alice)
      await clock.advance(WANT_TIMEOUT_MS)
      assert.deepEqual(takeAsked(), [])
    })

    it('asks it once more for what it was asked for before, after all others', async () => {
      announce(alice, 'a')
      announce(bob, 'a')
      await clock.advance(WANT_DELAY_MS)
      wants.onGone('alice')
      wants.onBack(alice)
      assert.deepEqual(takeAsked(), [['alice', 'a'], ['bob', 'a']])
      await clock.advance(MAX_ANSWER_MS)
      assert.deepEqual(takeAsked(), [['alice', 'a']])
      wants.onBack(alice)
      await clock.advance(2 * WANT_TIMEOUT_MS)
      assert.deepEqual([takeAsked(), wants.size], [[], 0])
    })

    it('asks it again in a session that takes the place of the first, for what does not come in that soon', async () => {
      announce(alice, 'a', 'b')
      await clock.advance(WANT_DELAY_MS)
      takeAsked()
      wants.onBack(peer('alice', 'outbound'))
      wants.arrived('b', 'alice')
      await clock.advance(WANT_DELAY_MS - WANT_SLACK_MS - 1)
      assert.deepEqual(takeAsked(), [])
      await clock.advance(WANT_SLACK_MS + 1)
      assert.deepEqual(takeAsked(), [['alice', 'a']])
    })

    for (const [how, end] of [['ends', 'onGone'], ['is replaced', 'onBack']] as const) {
      it(`holds against it what it was asked for when its session ${how}, unless that comes all the same`, async () => {
        for (const arrives of [false, true]) {
          announce(alice, 'a')
          await clock.advance(WANT_DELAY_MS)

          if (end === 'onGone') {
            wants.onGone('alice')
          }

          wants.onBack(alice)
          await clock.advance(WANT_DELAY_MS / 2)
          wants.arrived('a', arrives ? 'alice' : 'bob')
          await clock.advance(WANT_TIMEOUT_MS)
          takeAsked()
          announce(alice, 'b')
          announce(bob, 'b')
          await clock.advance(WANT_DELAY_MS)
          assert.deepEqual(takeAsked(), [[arrives ? 'alice' : 'bob', 'b']])
          wants.arrived('b', 'alice')
          wants.noteUseful('alice')
        }
      })
    }
  })

  it('asks each announcer of an item at most once in a session, twice in all, and only while it is there', async () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd')
    const who = fc.constantFrom(alice, bob, carol, peer('dave', 'outbound'))

    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ do: fc.constant('announce' as const), key, who }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('arrive' as const), key, who }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), key, who }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('back' as const), key, who }) },
      { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 3000 }) }) }
    )

    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const model = new Model()

      for (const step of steps) {
        if (step.do === 'wait') {
          await model.clock.advance(step.ms)
        } else {
          model[step.do](step.who, step.key)
        }

        model.check()
      }

      await model.clock.advance(AWAY_MS + 10 * WANT_TIMEOUT_MS)
      assert.deepEqual([model.wants.size, model.clock.pending], [0, 0])
    }), { numRuns: 200 })
  })
})

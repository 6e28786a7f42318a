import assert from 'node:assert/strict'
import fc from 'fast-check'
import { MAX_ANNOUNCERS } from '../../src/gossip/announcer.ts'
import {
  MAX_WANTED, MAX_WANTED_PER_PEER, WANT_DELAY_MS, WANT_SLACK_MS, WANT_TIMEOUT_MS, Wants
} from '../../src/gossip/wants.ts'
import { FakeClock } from '../fake-clock.ts'
import type { AnnouncerKey } from '../../src/gossip/wants.ts'

const alice: AnnouncerKey = { id: 'alice', direction: 'inbound' }
const bob: AnnouncerKey = { id: 'bob', direction: 'inbound' }
const carol: AnnouncerKey = { id: 'carol', direction: 'outbound' }

/** Who may still be asked for an item, and who was asked last, and when. */
interface Open {
  left: Set<string>
  asked?: { id: string, at: number }
}

/** What a list of all announcements says of each question that is asked. */
class Model {
  readonly clock = new FakeClock()
  readonly wants: Wants
  readonly #open = new Map<string, Open>()

  constructor () {
    this.wants = new Wants({ clock: this.clock, ask: (id, keys) => { keys.forEach((key) => { this.#onAsk(id, key) }) } })
  }

  announce (peer: AnnouncerKey, key: string): void {
    const item = this.#open.get(key) ?? { left: new Set() }
    this.#open.set(key, item)

    if (item.asked?.id !== peer.id) {
      item.left.add(peer.id)
    }

    this.wants.announced(key, peer)
  }

  arrive (peer: AnnouncerKey, key: string): void {
    this.wants.arrived(key, peer.id)
    this.#open.delete(key)
  }

  leave (peer: AnnouncerKey): void {
    for (const [key, { left, asked }] of this.#open) {
      left.delete(peer.id)
      this.#open.set(key, asked == null || asked.id === peer.id ? { left } : { left, asked })
    }

    this.wants.forgetPeer(peer.id)
  }

  check (): void {
    for (const [key, { left, asked }] of this.#open) {
      if (left.size === 0 && (asked == null || this.clock.now() - asked.at >= WANT_TIMEOUT_MS)) {
        this.#open.delete(key)
      }
    }

    // one whose time is up within the slack may have ended sooner
    assert.ok(this.wants.size <= this.#open.size)
    assert.ok(this.clock.pending <= 1)
  }

  #onAsk (id: string, key: string): void {
    const item = this.#open.get(key)
    assert(item?.left.delete(id) === true, `${id} has announced ${key} and was not asked for it`)
    const hadTime = item.asked == null || this.clock.now() - item.asked.at >= WANT_TIMEOUT_MS - WANT_SLACK_MS
    assert(hadTime, 'the one before has had its time, or has gone')
    item.asked = { id, at: this.clock.now() }
  }
}

describe('gossip/wants', () => {
  let clock: FakeClock
  let wants: Wants
  /** Who was asked for what since it was looked at last. */
  let asked: [id: string, ...keys: string[]][]

  beforeEach(() => {
    clock = new FakeClock()
    asked = []
    wants = new Wants({ clock, ask: (id, keys) => { asked.push([id, ...keys]) } })
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

    it(`the next announcer after ${WANT_TIMEOUT_MS} ms, and nobody when there is none left`, async () => {
      announce(alice, 'a')
      announce(bob, 'a')
      await clock.advance(WANT_DELAY_MS)
      assert.deepEqual(takeAsked(), [['alice', 'a']])
      await clock.advance(WANT_TIMEOUT_MS - 1)
      assert.deepEqual(takeAsked(), [])
      await clock.advance(1)
      assert.deepEqual(takeAsked(), [['bob', 'a']])
      await clock.advance(WANT_TIMEOUT_MS - 1)
      assert.equal(wants.size, 1)
      await clock.advance(1)
      assert.deepEqual([wants.size, clock.pending, takeAsked()], [0, 0, []])
    })

    it('one who announces while another is asked, when that one leaves it unanswered', async () => {
      announce(alice, 'a')
      await clock.advance(WANT_DELAY_MS + 1000)
      announce(bob, 'a')
      announce(alice, 'a')
      takeAsked()
      await clock.advance(WANT_TIMEOUT_MS - 1000)
      assert.deepEqual(takeAsked(), [['bob', 'a']])
      await clock.advance(WANT_TIMEOUT_MS)
      assert.deepEqual([takeAsked(), wants.size], [[], 0])
    })

    it('those last who have left a question unanswered, until they send what is waited for', async () => {
      const due = async (...keys: string[]): Promise<string[]> => {
        keys.forEach((key) => { announce(alice, key); announce(bob, key) })
        await clock.advance(WANT_DELAY_MS)

        return takeAsked().map(([id]) => id)
      }

      assert.deepEqual(await due('a'), ['alice'])
      await clock.advance(WANT_TIMEOUT_MS)
      wants.arrived('a', 'bob')
      takeAsked()
      assert.deepEqual(await due('b'), ['bob'])
      wants.arrived('b', 'alice')
      assert.deepEqual(await due('c'), ['alice'])
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

  describe('of peers that may be asked for so much', () => {
    let left: Record<string, number>

    beforeEach(() => {
      left = {}
      wants = new Wants({
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
      await clock.advance(WANT_TIMEOUT_MS)
      assert.deepEqual(takeAsked(), [['bob', 'a 0']])
      left = { alice: 1 }
      await clock.advance(WANT_DELAY_MS)
      assert.deepEqual(takeAsked(), [['alice', 'a 1']])
      await clock.advance(2 * WANT_TIMEOUT_MS)
      assert.equal(wants.size, 0)
    })

    it('waits for nothing that comes, or whose announcers have gone, meanwhile', async () => {
      announce(alice, 'a', 'b')
      announce(bob, 'b', 'c')
      await clock.advance(2 * WANT_DELAY_MS)
      wants.arrived('a', 'alice')
      wants.forgetPeer('bob')
      assert.equal(wants.size, 1)
      wants.forgetPeer('alice')

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
    it('when an item comes before anybody is asked', async () => {
      announce(alice, 'a', 'b')
      announce(bob, 'a')
      const want = wants.arrived('a', 'bob')
      assert.deepEqual([want?.asked, want?.announcers.map(({ id }) => id)], [undefined, ['alice', 'bob']])
      assert.equal(wants.size, 1)
      await clock.advance(WANT_DELAY_MS)
      assert.deepEqual(takeAsked(), [['alice', 'b']])
    })

    it('when it comes after somebody was asked, and asks nobody else', async () => {
      announce(alice, 'a')
      announce(bob, 'a')
      await clock.advance(WANT_DELAY_MS)
      takeAsked()
      const want = wants.arrived('a', 'alice')
      assert.deepEqual([want?.asked?.id, want?.announcers.map(({ id }) => id)], ['alice', ['bob']])
      assert.deepEqual([wants.size, clock.pending], [0, 0])
      await clock.advance(2 * WANT_TIMEOUT_MS)
      assert.deepEqual(takeAsked(), [])
    })

    it('for what was never announced, as well', () => {
      assert.equal(wants.arrived('a', 'alice'), undefined)
      assert.equal(wants.arrived('a'), undefined)
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
      wants.forgetPeer('alice')
      assert.deepEqual(takeAsked(), [['bob', 'a', 'b']])
      assert.equal(wants.size, 2)
      await clock.advance(WANT_TIMEOUT_MS - 1)
      assert.equal(wants.size, 2)
      await clock.advance(1)
      assert.equal(wants.size, 0)
    })

    it('goes on waiting for the others while nobody is asked', async () => {
      announce(alice, 'a', 'b')
      announce(bob, 'a')
      wants.forgetPeer('alice')
      assert.deepEqual([takeAsked(), wants.size], [[], 1])
      await clock.advance(WANT_DELAY_MS)
      assert.deepEqual(takeAsked(), [['bob', 'a']])
    })

    it('does not ask it later', async () => {
      announce(alice, 'a')
      announce(bob, 'a')
      await clock.advance(WANT_DELAY_MS)
      takeAsked()
      wants.forgetPeer('bob')
      wants.forgetPeer('nobody')
      await clock.advance(WANT_TIMEOUT_MS)
      assert.deepEqual([takeAsked(), wants.size], [[], 0])
    })
  })

  describe('is bounded', () => {
    it(`to ${MAX_WANTED_PER_PEER} items of one announcer`, async () => {
      announce(alice, ...keys('a', MAX_WANTED_PER_PEER - 1))
      announce(alice, 'the last one', 'one more')
      assert.equal(wants.size, MAX_WANTED_PER_PEER)
      announce(bob, 'one more', 'the last one')
      await clock.advance(WANT_DELAY_MS)
      assert.deepEqual(takeAsked().map(([id, ...keys]) => [id, keys.length]), [['alice', MAX_WANTED_PER_PEER], ['bob', 1]])
      // there is room again for as many as have come
      wants.arrived('a 0', 'alice')
      announce(alice, 'room', 'one more')
      assert.equal(wants.size, MAX_WANTED_PER_PEER + 1)
    })

    it(`to ${MAX_WANTED} items: those who announce the most make room for who announces less`, async () => {
      const flooders = Array.from({ length: MAX_WANTED / MAX_WANTED_PER_PEER }, (_, index): AnnouncerKey => {
        return { id: `flooder ${index}`, direction: 'outbound' }
      })
      flooders.forEach((flooder) => { announce(flooder, ...keys(flooder.id, MAX_WANTED_PER_PEER)) })
      assert.equal(wants.size, MAX_WANTED)
      announce(alice, 'a')
      assert.equal(wants.size, MAX_WANTED - MAX_WANTED_PER_PEER + 1)
      await clock.advance(WANT_DELAY_MS)
      assert.deepEqual(takeAsked().filter(([id]) => id === 'alice'), [['alice', 'a']])
    })

    it('also where many announce the same', async () => {
      for (let group = 0; group < MAX_WANTED / MAX_WANTED_PER_PEER; group++) {
        for (let member = 0; member < MAX_ANNOUNCERS; member++) {
          announce({ id: `${group} ${member}`, direction: 'outbound' }, ...keys(`group ${group}`, MAX_WANTED_PER_PEER))
        }
      }

      assert.equal(wants.size, MAX_WANTED)
      announce(alice, 'a')
      assert.ok(wants.size <= MAX_WANTED)
      await clock.advance(WANT_DELAY_MS)
      assert.deepEqual(takeAsked().filter(([id]) => id === 'alice'), [['alice', 'a']])
    })

    it('where all announce as much, to what there is', async () => {
      const COUNT = 32
      const many = Array.from({ length: COUNT }, (_, index): AnnouncerKey => ({ id: `peer ${index}`, direction: 'inbound' }))
      many.forEach((peer) => { announce(peer, ...keys(peer.id, MAX_WANTED / COUNT)) })
      assert.equal(wants.size, MAX_WANTED)
      announce(many[0]!, 'one more')
      await clock.advance(WANT_DELAY_MS)
      assert.equal(takeAsked().flatMap(([, ...keys]) => keys).includes('one more'), false)
      assert.equal(wants.size, MAX_WANTED)
    })

    it('and an item that somebody sends is not held up by a flood of announcements of it', () => {
      for (let i = 0; i < 2 * MAX_ANNOUNCERS; i++) {
        announce({ id: String(i), direction: 'inbound' }, 'a')
      }

      assert.equal(wants.arrived('a', 'bob')?.asked, undefined)
      assert.equal(wants.size, 0)
    })
  })

  it('asks each announcer of an item at most once, one at a time, whatever happens', async () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd')
    const peer = fc.constantFrom(alice, bob, carol, { id: 'dave', direction: 'outbound' } as const)

    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ do: fc.constant('announce' as const), key, peer }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('arrive' as const), key, peer }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), key, peer }) },
      { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 3000 }) }) }
    )

    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const model = new Model()

      for (const step of steps) {
        if (step.do === 'wait') {
          await model.clock.advance(step.ms)
        } else {
          model[step.do](step.peer, step.key)
        }

        model.check()
      }

      await model.clock.advance(10 * WANT_TIMEOUT_MS)
      assert.deepEqual([model.wants.size, model.clock.pending], [0, 0])
    }), { numRuns: 200 })
  })
})

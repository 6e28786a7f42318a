import assert from 'node:assert/strict'
import fc from 'fast-check'
import { digestKeyOf } from '../../src/codec/digest.ts'
import { MAX_KNOWN_HOLDERS, MAX_SEEN, SEEN_TTL_MS, SeenCache } from '../../src/gossip/seen-cache.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { seededChance, systemChance } from '../../src/util/chance.ts'

/** How many of the latest keys are remembered for certain, whatever came before them. */
const CERTAIN = 16

/** Of how many peers the cache of most tests knows. */
const PEERS = 64

/** A clock that moves on a little each time that a peer looks, as a real one does. */
class TickingClock extends FakeClock {
  #ticks = 0

  override now (): number {
    return super.now() + this.#ticks++ / 1000
  }
}

function keyOf (i: number | string): string {
  return digestKeyOf(Buffer.from(String(i)))
}

function keys (from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, i) => keyOf(from + i))
}

/** What `make` makes, and how many numbers of its tables something reads and writes. */
function countAccesses<Made> (make: () => Made): { made: Made, during: (act: () => void) => number } {
  const { Uint32Array } = globalThis
  let accesses = 0
  const count = (name: string | symbol): void => { accesses += typeof name === 'string' && /^\d+$/.test(name) ? 1 : 0 }

  globalThis.Uint32Array = new Proxy(Uint32Array, {
    construct: (target, args) => new Proxy(Reflect.construct(target, args) as Uint32Array, {
      get: (table, name) => {
        count(name)
        const value: unknown = Reflect.get(table, name, table)

        return typeof value === 'function' ? (value as () => unknown).bind(table) : value
      },
      set: (table, name, value) => {
        count(name)

        return Reflect.set(table, name, value, table)
      }
    })
  })

  try {
    const made = make()

    return {
      made,
      during: (act) => {
        accesses = 0
        act()

        return accesses
      }
    }
  } finally {
    globalThis.Uint32Array = Uint32Array
  }
}

describe('gossip/seen-cache', () => {
  const [a, b] = [keyOf('a'), keyOf('b')]
  let clock: FakeClock
  let seen: SeenCache

  beforeEach(() => {
    clock = new FakeClock()
    seen = new SeenCache({ clock, chance: systemChance }, PEERS)
  })

  /** Whether a key is remembered. Adds it where it is not. */
  function has (key: string): boolean {
    return !seen.add(key)
  }

  describe('add', () => {
    it('says of each key once that it is new', () => {
      assert.deepEqual([seen.add(a), seen.add(b), seen.add(a), seen.add(b, 3)], [true, true, false, false])
      assert.equal(seen.size, 2)
    })

    it('tells keys apart by each of their first 16 bytes', () => {
      const zeroes = Array<number>(32).fill(0)
      seen.add(String.fromCharCode(...zeroes))

      for (let i = 0; i < 16; i++) {
        assert.equal(seen.add(String.fromCharCode(...zeroes.with(i, 255))), true, `byte ${i}`)
      }
    })

    it(`remembers ${MAX_SEEN} keys at most`, () => {
      seen = new SeenCache({ clock: new TickingClock(), chance: systemChance }, PEERS)

      for (const key of keys(0, 2 * MAX_SEEN)) {
        seen.add(key)
      }

      assert.ok(seen.size <= MAX_SEEN, `${seen.size} are remembered`)
      assert.ok(seen.size > 0.95 * MAX_SEEN, `only ${seen.size} are remembered`)
    })

    it('remembers nearly all keys while there are half as many', () => {
      seen = new SeenCache({ clock: new TickingClock(), chance: systemChance }, PEERS)
      const all = keys(0, MAX_SEEN / 2)
      all.forEach((key) => seen.add(key))
      // a key that is not known pushes another one out, an older one
      const known = all.toReversed().filter(has).length

      assert.ok(known > 0.99 * all.length, `${known} of ${all.length} are remembered`)
    })

    it(`remembers the latest ${CERTAIN} keys for certain, however many came before`, () => {
      seen = new SeenCache({ clock: new TickingClock(), chance: systemChance }, PEERS)
      keys(0, MAX_SEEN).forEach((key) => seen.add(key))

      for (let round = 0; round < 100; round++) {
        const latest = keys(MAX_SEEN + round * CERTAIN, MAX_SEEN + (round + 1) * CERTAIN)
        latest.forEach((key) => seen.add(key))
        assert.ok(latest.every(has))
      }
    })

    it('forgets the older keys first', () => {
      seen = new SeenCache({ clock: new TickingClock(), chance: systemChance }, PEERS)
      keys(0, 3 * MAX_SEEN).forEach((key) => seen.add(key))
      // a key that is not known pushes another one out: look from the latest on, and at few
      const countKnown = (from: number): number => keys(from, from + 1000).filter(has).length

      assert.equal(countKnown(3 * MAX_SEEN - 1000), 1000)
      assert.equal(countKnown(0), 0)
    })

    it('remembers as many keys as its bounds say, and for as long', async () => {
      seen = new SeenCache({ clock, chance: systemChance }, PEERS, { digests: 1024, duration: 5000 })
      keys(0, 4096).forEach((key) => seen.add(key))
      assert.ok(seen.size <= 1024 && seen.size > 0.95 * 1024, `${seen.size} are remembered`)
      seen.add(a)
      await clock.advance(4999)
      assert.equal(seen.has(a), true)
      await clock.advance(1)
      assert.deepEqual([seen.has(a), seen.size], [false, 0])
    })

    it(`remembers a key for ${SEEN_TTL_MS} ms`, async () => {
      seen.add(a)
      await clock.advance(SEEN_TTL_MS - 1)
      assert.ok(has(a))
    })

    it(`has forgotten a key after ${SEEN_TTL_MS} ms, however often it was seen`, async () => {
      seen.add(a)
      await clock.advance(SEEN_TTL_MS - 1)
      seen.add(a)
      assert.equal(seen.size, 1)
      await clock.advance(1)
      assert.equal(seen.size, 0)
      assert.ok(!has(a))
    })

    it('remembers a key that came again after its time for as long once more', async () => {
      seen.add(a)
      await clock.advance(SEEN_TTL_MS)
      seen.add(a)
      await clock.advance(SEEN_TTL_MS - 1)
      assert.ok(has(a))
      await clock.advance(1)
      assert.ok(!has(a))
    })
  })

  describe('entries', () => {
    it('are those of seen items, and the same until these are forgotten', () => {
      assert.equal(seen.indexOf(a), undefined)
      assert.equal(seen.has(a), false)
      const index = seen.enter(a)
      assert.deepEqual([seen.indexOf(a), seen.enter(a), seen.has(a), seen.add(a)], [index, index, true, false])
      assert.notEqual(seen.enter(b), index)
      seen.forget(a)
      assert.equal(seen.indexOf(a), undefined)
    })

    it(`end after ${SEEN_TTL_MS} ms`, async () => {
      seen.add(a)
      await clock.advance(SEEN_TTL_MS - 1)
      assert.equal(seen.has(a), true)
      await clock.advance(1)
      assert.equal(seen.has(a), false)
    })

    it('are looked up without being created', () => {
      keys(0, 2 * MAX_SEEN).forEach((key) => seen.has(key))

      assert.equal(seen.size, 0)
    })
  })

  describe('holders', () => {
    /** The numbers of peers that are known to have it. */
    function holdersOf (key: string): number[] {
      const index = seen.enter(key)

      return Array.from({ length: seen.maxHolders }, (_, peer) => peer).filter((peer) => seen.isHolder(index, peer))
    }

    it('are peers that have sent it, and peers that were noted', () => {
      seen.add(a, 0)
      seen.add(a, 31)
      seen.add(a, 32)
      seen.add(a)
      seen.addHolder(seen.enter(a), 63)
      seen.add(b, 5)

      assert.deepEqual([holdersOf(a), holdersOf(b)], [[0, 31, 32, 63], [5]])
    })

    it('are no longer those of whom it was taken back', () => {
      seen.add(a, 3)
      seen.add(a, 35)
      seen.removeHolder(seen.enter(a), 35)
      seen.removeHolder(seen.enter(a), 4)
      seen.removeHolder(seen.enter(a), undefined)

      assert.deepEqual(holdersOf(a), [3])
    })

    it('are forgotten with the item', () => {
      seen.add(a, 7)
      seen.forget(a)
      seen.add(a, 8)

      assert.deepEqual(holdersOf(a), [8])
    })

    it('are forgotten when its time is over', async () => {
      seen.add(a, 7)
      await clock.advance(SEEN_TTL_MS)
      seen.add(a, 8)

      assert.deepEqual(holdersOf(a), [8])
    })

    it('are not those of the item that had the entry before', async () => {
      const everybody = Array.from({ length: PEERS }, (_, peer) => peer)
      const first = keys(0, MAX_SEEN)

      for (const key of first) {
        const index = seen.enter(key)
        everybody.forEach((peer) => { seen.addHolder(index, peer) })
      }

      await clock.advance(SEEN_TTL_MS)

      for (const key of keys(MAX_SEEN, 2 * MAX_SEEN)) {
        const index = seen.enter(key)
        assert(!everybody.some((peer) => seen.isHolder(index, peer)))
      }
    })

    it('lose a peer that has gone, and no other', () => {
      const some = keys(0, 1000)
      some.forEach((key) => { [4, 5, 36, 37].forEach((peer) => seen.add(key, peer)) })
      seen.forgetPeer(5)
      seen.forgetPeer(36)

      assert.ok(some.every((key) => holdersOf(key).join() === '4,37'))
    })

    it('lose all who have gone, and nothing of peers that get their numbers', () => {
      const some = keys(0, 1000)
      some.forEach((key) => { [4, 5, 36, 37].forEach((peer) => seen.add(key, peer)) });
      [4, 5, 36, 37].forEach((peer) => { seen.forgetPeer(peer) })
      seen.add(some[0]!, 5)
      seen.forgetPeer(37)
      seen.add(some[1]!, 37)

      assert.deepEqual(holdersOf(some[0]!), [5])
      assert.deepEqual(holdersOf(some[1]!), [37])
      assert.ok(some.slice(2).every((key) => holdersOf(key).length === 0))
    })

    it('cost the same to forget a peer, and to look at an item afterwards, however many items there are', () => {
      const chance = seededChance('counted')
      const costs = [1, CERTAIN, MAX_SEEN].map((count) => {
        const counted = countAccesses(() => new SeenCache({ clock, chance }, PEERS))
        const some = keys(0, count)
        some.forEach((key) => counted.made.add(key, 5))
        const forget = counted.during(() => { counted.made.forgetPeer(5) })
        let isHolder = true
        const look = counted.during(() => { isHolder = counted.made.isHolder(counted.made.indexOf(some.at(-1)!)!, 5) })
        assert.equal(isHolder, false)

        return { forget, look }
      })

      assert.deepEqual(costs[1], costs[0])
      assert.deepEqual(costs[2], costs[0])
      // the count of departures of that number, and of its word
      assert.deepEqual(costs[0]?.forget, 2)
    })

    for (const [maxPeers, maxHolders] of [
      [0, 32], [1, 32], [32, 32], [33, 64], [MAX_KNOWN_HOLDERS, MAX_KNOWN_HOLDERS], [MAX_KNOWN_HOLDERS + 1, MAX_KNOWN_HOLDERS]
    ] as const) {
      it(`are known of ${maxHolders} peers where there may be ${maxPeers}, and not of one more`, () => {
        seen = new SeenCache({ clock, chance: systemChance }, maxPeers)
        const index = seen.enter(a)
        const next = seen.enter(b)

        for (const peer of [maxHolders - 1, maxHolders, undefined]) {
          seen.addHolder(index, peer)
          seen.add(a, peer)
        }

        seen.forgetPeer(maxHolders)
        seen.forgetPeer(undefined)
        assert.equal(seen.maxHolders, maxHolders)
        assert.deepEqual(holdersOf(a), [maxHolders - 1])
        assert.deepEqual([maxHolders, undefined].map((peer) => seen.isHolder(index, peer)), [false, false])
        assert.deepEqual(holdersOf(b), [], `the next place, ${next}, has no holder`)
      })
    }
  })

  describe('forget', () => {
    it('makes the key new again', () => {
      seen.add(a, 1)
      seen.forget(a)

      assert.equal(seen.size, 0)
      assert.equal(seen.add(a, 2), true)
    })

    it('does nothing to a key that is not known, nor to others', () => {
      const others = keys(0, 10_000)
      others.forEach((key) => seen.add(key))
      const { size } = seen
      seen.forget(a)
      assert.equal(seen.size, size)
      seen.forget(others.at(-1)!)
      assert.equal(seen.size, size - 1)
    })
  })

  it('remembers what a plain list would, and of each item who has it, whatever happens to as many keys as are certain', async () => {
    const key = fc.integer({ min: 1, max: CERTAIN }).map(keyOf)
    const peer = fc.option(fc.integer({ min: 0, max: PEERS + 1 }), { nil: undefined })

    const step = fc.oneof(
      fc.record({ do: fc.constant('add' as const), key, peer }),
      fc.record({ do: fc.constant('note' as const), key, peer }),
      fc.record({ do: fc.constant('forget' as const), key }),
      fc.record({ do: fc.constant('leave' as const), peer: fc.integer({ min: 0, max: PEERS + 1 }) }),
      fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: SEEN_TTL_MS }) })
    )

    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const clock = new FakeClock()
      const seen = new SeenCache({ clock, chance: systemChance }, PEERS)
      const list = new Map<string, { since: number, holders: Set<number> }>()

      const note = (key: string, peer: number | undefined): void => {
        if (peer != null && peer < PEERS) {
          list.get(key)!.holders.add(peer)
        }
      }

      for (const step of steps) {
        if (step.do === 'wait') {
          await clock.advance(step.ms)
          list.forEach(({ since }, key) => clock.now() - since >= SEEN_TTL_MS && list.delete(key))
        } else if (step.do === 'forget') {
          seen.forget(step.key)
          list.delete(step.key)
        } else if (step.do === 'leave') {
          seen.forgetPeer(step.peer)
          list.forEach(({ holders }) => holders.delete(step.peer))
        } else {
          const isNew = !list.has(step.key)
          const expected = list.get(step.key) ?? { since: clock.now(), holders: new Set() }
          list.set(step.key, expected)
          note(step.key, step.peer)

          if (step.do === 'add') {
            assert.equal(seen.add(step.key, step.peer), isNew)
          } else {
            assert.equal(seen.has(step.key), !isNew)
            seen.addHolder(seen.enter(step.key), step.peer)
          }
        }

        for (const [key, { holders }] of list) {
          const index = seen.indexOf(key)!
          const found = Array.from({ length: PEERS }, (_, peer) => peer).filter((peer) => seen.isHolder(index, peer))
          assert.deepEqual(new Set(found), holders)
        }
      }
    }), { numRuns: 200 })
  })
})

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { digestKeyOf } from '../../src/codec/digest.ts'
import { MAX_SEEN, SEEN_TTL_MS, SeenCache } from '../../src/gossip/seen-cache.ts'
import { FakeClock } from '../fake-clock.ts'

/** How many of the latest keys are remembered for certain, whatever came before them. */
const CERTAIN = 16

/** A clock that moves on a little each time that somebody looks, as a real one does. */
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

describe('gossip/seen-cache', () => {
  const [a, b] = [keyOf('a'), keyOf('b')]
  let clock: FakeClock
  let seen: SeenCache

  beforeEach(() => {
    clock = new FakeClock()
    seen = new SeenCache(clock)
  })

  /** Whether a key is remembered. Adds it where it is not. */
  function has (key: string): boolean {
    return !seen.add(key)
  }

  describe('add', () => {
    it('says of each key once that it is new', () => {
      assert.deepEqual([seen.add(a), seen.add(b), seen.add(a), seen.add(b, 'alice')], [true, true, false, false])
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
      seen = new SeenCache(new TickingClock())

      for (const key of keys(0, 2 * MAX_SEEN)) {
        seen.add(key)
      }

      assert.ok(seen.size <= MAX_SEEN, `${seen.size} are remembered`)
      assert.ok(seen.size > 0.95 * MAX_SEEN, `only ${seen.size} are remembered`)
    })

    it('remembers nearly all keys while there are half as many', () => {
      seen = new SeenCache(new TickingClock())
      const all = keys(0, MAX_SEEN / 2)
      all.forEach((key) => seen.add(key))
      // a key that is not known pushes another one out, an older one
      const known = all.toReversed().filter(has).length

      assert.ok(known > 0.99 * all.length, `${known} of ${all.length} are remembered`)
    })

    it(`remembers the latest ${CERTAIN} keys for certain, however many came before`, () => {
      seen = new SeenCache(new TickingClock())
      keys(0, MAX_SEEN).forEach((key) => seen.add(key))

      for (let round = 0; round < 100; round++) {
        const latest = keys(MAX_SEEN + round * CERTAIN, MAX_SEEN + (round + 1) * CERTAIN)
        latest.forEach((key) => seen.add(key))
        assert.ok(latest.every(has))
      }
    })

    it('forgets the older keys first', () => {
      seen = new SeenCache(new TickingClock())
      keys(0, 3 * MAX_SEEN).forEach((key) => seen.add(key))
      // a key that is not known pushes another one out: look from the latest on, and at few
      const countKnown = (from: number): number => keys(from, from + 1000).filter(has).length

      assert.equal(countKnown(3 * MAX_SEEN - 1000), 1000)
      assert.equal(countKnown(0), 0)
    })

    it(`remembers a key for ${SEEN_TTL_MS} ms`, async () => {
      seen.add(a)
      await clock.advance(SEEN_TTL_MS - 1)
      assert.ok(has(a))
    })

    it(`has forgotten a key after ${SEEN_TTL_MS} ms, however often it was met`, async () => {
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

  describe('watch', () => {
    it('gives everybody who is found to have it, each once, those who come later too', () => {
      seen.add(a, 'alice')
      const holders = seen.watch(a, 'alice')
      seen.add(a, 'bob')
      seen.add(a, 'alice')
      seen.add(a)
      seen.add(b, 'carol')
      seen.add(a, 'bob')

      assert.deepEqual(holders, ['alice', 'bob'])
      seen.add(a, 'carol')
      assert.deepEqual(holders, ['alice', 'bob', 'carol'])
    })

    it('keeps the holders of several keys apart', () => {
      seen.add(a, 'alice')
      seen.add(b, 'bob')
      const [ofA, ofB] = [seen.watch(a, 'alice'), seen.watch(b, 'bob')]
      seen.add(a, 'carol')

      assert.deepEqual([ofA, ofB], [['alice', 'carol'], ['bob']])
    })

    it('ends when it is settled', () => {
      seen.add(a, 'alice')
      const holders = seen.watch(a, 'alice')
      seen.settle(a)

      assert.equal(seen.add(a, 'bob'), false)
      assert.deepEqual(holders, ['alice'])
    })

    it('ends for the key that is settled only', () => {
      seen.add(a, 'alice')
      seen.add(b, 'bob')
      const holders = seen.watch(a, 'alice')
      seen.settle(b)
      seen.add(a, 'bob')

      assert.deepEqual(holders, ['alice', 'bob'])
    })
  })

  describe('forget', () => {
    it('makes the key new again', () => {
      seen.add(a, 'alice')
      seen.forget(a)

      assert.equal(seen.size, 0)
      assert.equal(seen.add(a, 'bob'), true)
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

  it('remembers what a plain list would, whatever happens to as many keys as are certain', async () => {
    const key = fc.integer({ min: 1, max: CERTAIN }).map(keyOf)

    const step = fc.oneof(
      fc.record({ do: fc.constant('add' as const), key }),
      fc.record({ do: fc.constant('forget' as const), key }),
      fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: SEEN_TTL_MS }) })
    )

    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const clock = new FakeClock()
      const seen = new SeenCache(clock)
      const list = new Map<string, number>()

      for (const step of steps) {
        if (step.do === 'wait') {
          await clock.advance(step.ms)
        } else if (step.do === 'forget') {
          seen.forget(step.key)
          list.delete(step.key)
        } else {
          const since = list.get(step.key)
          const isNew = since == null || clock.now() - since >= SEEN_TTL_MS
          list.set(step.key, isNew ? clock.now() : since)

          assert.equal(seen.add(step.key), isNew)
        }
      }
    }), { numRuns: 200 })
  })
})

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { MAX_HANDSHAKES_PER_HOST, MIN_HALF_OPEN_MS, HalfOpenHandshakes } from '../../src/peers/half-open.ts'
import { UNKNOWN_LOCATION } from '../../src/address/location.ts'
import { FakeClock } from '../support/fake-clock.ts'
import type { Location } from '../../src/address/location.ts'

/** The slots for handshakes in these tests. `Slots` has their number. */
const ROOM = 16

function at (netgroup: number, host = 0): Location {
  return { host: `8.${netgroup}.0.${host}`, netgroup: `netgroup ${netgroup}` }
}

describe('peers/half-open', () => {
  let clock: FakeClock
  let pending: HalfOpenHandshakes<string>

  beforeEach(() => {
    clock = new FakeClock()
    pending = new HalfOpenHandshakes({ clock })
  })

  describe('for one host', () => {
    it(`has room for ${MAX_HANDSHAKES_PER_HOST} handshakes, and not for one more`, () => {
      for (let i = 0; i < MAX_HANDSHAKES_PER_HOST; i++) {
        assert.equal(pending.hasRoomFor(at(1)), true)
        pending.add(`a${i}`, at(1))
      }

      assert.equal(pending.hasRoomFor(at(1)), false)
      assert.equal(pending.hasRoomFor(at(1, 2)), true)
      pending.delete('a0')
      assert.equal(pending.hasRoomFor(at(1)), true)
    })

    it('has room for as many as its options say', () => {
      pending = new HalfOpenHandshakes({ clock, maxPerHost: 1 })
      assert.equal(pending.hasRoomFor(at(1)), true)
      pending.add('a', at(1))
      assert.equal(pending.hasRoomFor(at(1)), false)
    })

    it('has room for any number on this machine and behind relays', () => {
      Array.from({ length: 100 }, (_, i) => { pending.add(`a${i}`, UNKNOWN_LOCATION) })

      assert.equal(pending.hasRoomFor(UNKNOWN_LOCATION), true)
    })
  })

  it('counts handshakes that have begun and not ended', () => {
    pending.add('a', at(1))
    pending.add('b', at(1))
    pending.delete('a')
    pending.delete('a')
    pending.delete('never there')

    assert.equal(pending.size, 1)
  })

  describe('the handshake that makes room', () => {
    it('is none where there are none', () => {
      assert.equal(pending.pick(at(1)), undefined)
    })

    it(`is the oldest, once it is ${MIN_HALF_OPEN_MS} ms old, where all come from different netgroups`, async () => {
      pending.add('first', at(1))
      await clock.advance(10)
      pending.add('second', at(2))
      await clock.advance(MIN_HALF_OPEN_MS - 11)
      assert.equal(pending.pick(at(3)), undefined)
      await clock.advance(1)
      assert.equal(pending.pick(at(3)), 'first')
    })

    it('is the oldest also for a newcomer behind a relay, where all others come from different netgroups', async () => {
      Array.from({ length: ROOM }, (_, i) => { pending.add(`a${i}`, at(i)) })
      await clock.advance(MIN_HALF_OPEN_MS - 1)
      assert.equal(pending.pick(UNKNOWN_LOCATION), undefined)
      await clock.advance(1)

      assert.equal(pending.pick(UNKNOWN_LOCATION), 'a0')
    })

    it('is the oldest of the netgroup that has the most', async () => {
      pending.add('alone', at(1))
      pending.add('crowded', at(2, 1))
      pending.add('crowded too', at(2, 2))
      await clock.advance(MIN_HALF_OPEN_MS)

      assert.equal(pending.pick(at(3)), 'crowded')
    })

    it('is the oldest of the host that has the most in that netgroup', async () => {
      pending.add('neighbour', at(2, 1))
      pending.add('crowded', at(2, 2))
      pending.add('crowded too', at(2, 2))
      await clock.advance(MIN_HALF_OPEN_MS)

      assert.equal(pending.pick(at(3)), 'crowded')
    })

    it('is one of the newcomer\'s own netgroup where that would have the most otherwise', async () => {
      pending.add('other', at(1))
      pending.add('own', at(2))
      await clock.advance(MIN_HALF_OPEN_MS)

      assert.equal(pending.pick(at(2, 7)), 'own')
      assert.equal(pending.pick(at(1, 7)), 'other')
    })

    it('may be new where the newcomer\'s netgroup has fewer', () => {
      pending.add('crowded', at(1, 1))
      assert.equal(pending.pick(at(2)), undefined)
      pending.add('crowded too', at(1, 2))
      assert.equal(pending.pick(at(2)), 'crowded')
      assert.equal(pending.pick(at(1, 3)), undefined)
      pending.add('other', at(2))
      assert.equal(pending.pick(at(2)), undefined)
    })

    it('takes all peers of which nothing is known for one netgroup', () => {
      pending.add('loopback', UNKNOWN_LOCATION)
      pending.add('relayed', UNKNOWN_LOCATION)
      pending.add('alone', at(1))

      assert.equal(pending.pick(at(2)), 'loopback')
      assert.equal(pending.pick(UNKNOWN_LOCATION), undefined)
    })
  })

  it('lets honest peers finish beside an attacker that fills the slots from one netgroup without a pause', async () => {
    await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 400 }), async (hosts, interval) => {
      const clock = new FakeClock()
      const pending = new HalfOpenHandshakes<string>({ clock })
      let attempts = 0

      const knock = (session: string, location: Location): boolean => {
        const victim = pending.size < ROOM ? undefined : pending.pick(location)

        if (!pending.hasRoomFor(location) || (pending.size === ROOM && victim == null)) {
          return false
        }

        pending.delete(victim ?? '')
        pending.add(session, location)
        assert.ok(pending.size <= ROOM)
        assert.ok(victim?.startsWith('honest') !== true, 'an honest handshake was given up')

        return true
      }

      for (let i = 0; i < 10; i++) {
        assert.ok(knock(`honest ${i}`, at(100 + i)))

        // it takes the honest peer half a second
        for (let elapsed = 0; elapsed < MIN_HALF_OPEN_MS / 2; elapsed += interval) {
          Array.from({ length: ROOM }, () => knock(`attacker ${attempts}`, at(1, attempts++ % hosts)))
          await clock.advance(interval)
        }

        pending.delete(`honest ${i}`)
      }
    }), { numRuns: 20 })
  })
})

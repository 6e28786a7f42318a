import assert from 'node:assert/strict'
import fc from 'fast-check'
import { MAX_PENDING_PER_HOST, MIN_PENDING_MS, HalfOpenHandshakes } from '../../src/peers/half-open.ts'
import { UNKNOWN_LOCATION } from '../../src/address/location.ts'
import { FakeClock } from '../support/fake-clock.ts'
import type { Location } from '../../src/address/location.ts'

/** How many the room takes in these tests: it is `Slots` that says so. */
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
    it(`has room for ${MAX_PENDING_PER_HOST} handshakes, and not for one more`, () => {
      for (let i = 0; i < MAX_PENDING_PER_HOST; i++) {
        assert.equal(pending.hasRoomFor(at(1)), true)
        pending.add(`a${i}`, at(1))
      }

      assert.equal(pending.hasRoomFor(at(1)), false)
      assert.equal(pending.hasRoomFor(at(1, 2)), true)
      pending.delete('a0')
      assert.equal(pending.hasRoomFor(at(1)), true)
    })

    it('has as much as it is told', () => {
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

  it('counts what has begun and not ended', () => {
    pending.add('a', at(1))
    pending.add('b', at(1))
    pending.delete('a')
    pending.delete('a')
    pending.delete('never there')

    assert.equal(pending.size, 1)
  })

  describe('who makes room', () => {
    it('is nobody where there is nobody', () => {
      assert.equal(pending.pick(at(1)), undefined)
    })

    it(`is the oldest, once it is ${MIN_PENDING_MS} ms old, where all come from different networks`, async () => {
      pending.add('first', at(1))
      await clock.advance(10)
      pending.add('second', at(2))
      await clock.advance(MIN_PENDING_MS - 11)
      assert.equal(pending.pick(at(3)), undefined)
      await clock.advance(1)
      assert.equal(pending.pick(at(3)), 'first')
    })

    it('is the oldest of the network that has the most', async () => {
      pending.add('alone', at(1))
      pending.add('crowded', at(2, 1))
      pending.add('crowded too', at(2, 2))
      await clock.advance(MIN_PENDING_MS)

      assert.equal(pending.pick(at(3)), 'crowded')
    })

    it('is the oldest of the host that has the most in that network', async () => {
      pending.add('neighbour', at(2, 1))
      pending.add('crowded', at(2, 2))
      pending.add('crowded too', at(2, 2))
      await clock.advance(MIN_PENDING_MS)

      assert.equal(pending.pick(at(3)), 'crowded')
    })

    it('is one of the newcomer\'s own network where that would have the most otherwise', async () => {
      pending.add('other', at(1))
      pending.add('own', at(2))
      await clock.advance(MIN_PENDING_MS)

      assert.equal(pending.pick(at(2, 7)), 'own')
      assert.equal(pending.pick(at(1, 7)), 'other')
    })

    it('may be new where the newcomer\'s network has no more afterwards', () => {
      pending.add('crowded', at(1, 1))
      assert.equal(pending.pick(at(2)), undefined)
      pending.add('crowded too', at(1, 2))
      assert.equal(pending.pick(at(2)), 'crowded')
      assert.equal(pending.pick(at(1, 3)), undefined)
      pending.add('other', at(2))
      assert.equal(pending.pick(at(2)), undefined)
    })

    it('takes all of whom nothing is known for one crowd', () => {
      pending.add('loopback', UNKNOWN_LOCATION)
      pending.add('relayed', UNKNOWN_LOCATION)
      pending.add('alone', at(1))

      assert.equal(pending.pick(at(2)), 'loopback')
      assert.equal(pending.pick(UNKNOWN_LOCATION), undefined)
    })
  })

  it('lets honest peers finish beside an attacker that fills the room from one network without a pause', async () => {
    await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 400 }), async (hosts, pace) => {
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
        for (let elapsed = 0; elapsed < MIN_PENDING_MS / 2; elapsed += pace) {
          Array.from({ length: ROOM }, () => knock(`attacker ${attempts}`, at(1, attempts++ % hosts)))
          await clock.advance(pace)
        }

        pending.delete(`honest ${i}`)
      }
    }), { numRuns: 20 })
  })
})

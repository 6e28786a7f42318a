import assert from 'node:assert/strict'
import fc from 'fast-check'
import { MAX_EXTRA_OUTBOUND, MAX_PENDING_RESERVED, Slots } from '../../src/peers/slots.ts'
import type { Slot } from '../../src/peers/slots.ts'
import type { Direction } from '../../src/types/peer.ts'

const LIMITS = { maxInbound: 2, maxOutbound: 3, maxBlockOnly: 2, maxPendingHandshakes: 4 }

function reserve (slots: Slots, direction: Direction, isReserved = false): Slot {
  const slot = slots.reserve(direction, { isReserved })
  assert(slot != null)

  return slot
}

/** The same rules, counted anew from a plain list each time. */
class Model {
  readonly entries: { direction: Direction, isReserved: boolean, stage: 'pending' | 'ready' | 'released' }[] = []

  count (direction: Direction, stage: 'pending' | 'ready', isReserved = false): number {
    return this.entries.filter((entry) => {
      return entry.direction === direction && entry.stage === stage && entry.isReserved === isReserved
    }).length
  }

  canReserve (direction: Direction, isReserved: boolean): boolean {
    if (isReserved) {
      return true
    }

    return direction === 'inbound'
      ? this.count('inbound', 'pending') < LIMITS.maxPendingHandshakes
      : this.count('outbound', 'pending') + this.count('outbound', 'ready') < LIMITS.maxOutbound
  }

  canPromote ({ direction, isReserved, stage }: Model['entries'][number]): boolean {
    return stage === 'pending' && (isReserved || direction === 'outbound' || this.count('inbound', 'ready') < LIMITS.maxInbound)
  }
}

describe('peers/slots', () => {
  let slots: Slots

  beforeEach(() => {
    slots = new Slots(LIMITS)
  })

  it('counts nothing at first', () => {
    assert.deepEqual(slots.counts, { inbound: 0, outbound: 0, blockOnly: 0, pending: 0, reserved: 0 })
  })

  it('counts a session as pending, then by its direction, then not at all', () => {
    const inbound = reserve(slots, 'inbound')
    const outbound = reserve(slots, 'outbound')
    assert.deepEqual(slots.counts, { inbound: 0, outbound: 0, blockOnly: 0, pending: 2, reserved: 0 })
    assert.equal(inbound.promote(), true)
    assert.deepEqual(slots.counts, { inbound: 1, outbound: 0, blockOnly: 0, pending: 1, reserved: 0 })
    assert.equal(outbound.promote(), true)
    assert.deepEqual(slots.counts, { inbound: 1, outbound: 1, blockOnly: 0, pending: 0, reserved: 0 })
    inbound.release()
    outbound.release()
    assert.deepEqual(slots.counts, { inbound: 0, outbound: 0, blockOnly: 0, pending: 0, reserved: 0 })
  })

  it('has room for maxPendingHandshakes handshakes of peers, and not for one more', () => {
    const all = Array.from({ length: LIMITS.maxPendingHandshakes }, () => reserve(slots, 'inbound'))
    assert.equal(slots.reserve('inbound'), undefined)
    all[0]!.release()
    assert.notEqual(slots.reserve('inbound'), undefined)
  })

  it('makes maxInbound inbound sessions ready, and not one more', () => {
    const all = Array.from({ length: LIMITS.maxInbound }, () => reserve(slots, 'inbound'))
    const late = reserve(slots, 'inbound')
    assert.deepEqual(all.map((slot) => slot.promote()), [true, true])
    assert.equal(late.promote(), false)
    assert.deepEqual(slots.counts, { inbound: 2, outbound: 0, blockOnly: 0, pending: 1, reserved: 0 })
    all[1]!.release()
    assert.equal(late.promote(), true)
    assert.deepEqual(slots.counts, { inbound: 2, outbound: 0, blockOnly: 0, pending: 0, reserved: 0 })
  })

  it('tells whether there is room for one more inbound session', () => {
    const [first, second] = [reserve(slots, 'inbound'), reserve(slots, 'inbound')]
    first.promote()
    assert.equal(slots.hasInbound, true)
    second.promote()
    assert.equal(slots.hasInbound, false)
    first.release()
    assert.equal(slots.hasInbound, true)
  })

  it('has room for maxOutbound dials and outbound sessions together, and not for one more', () => {
    const all = Array.from({ length: LIMITS.maxOutbound }, () => reserve(slots, 'outbound'))
    all[0]!.promote()
    assert.equal(slots.reserve('outbound'), undefined)
    all[1]!.release()
    assert.notEqual(slots.reserve('outbound'), undefined)
    assert.equal(slots.reserve('outbound'), undefined)
  })

  it('leaves the room of the other direction alone', () => {
    while (slots.reserve('inbound') != null) { /* until it is full */ }

    assert.notEqual(slots.reserve('outbound'), undefined)
  })

  it('gives a slot back once, however often it is released', () => {
    const slot = reserve(slots, 'inbound')
    const other = reserve(slots, 'inbound')
    other.promote()
    slot.release()
    slot.release()
    assert.deepEqual(slots.counts, { inbound: 1, outbound: 0, blockOnly: 0, pending: 0, reserved: 0 })
    other.release()
    other.release()
    assert.deepEqual(slots.counts, { inbound: 0, outbound: 0, blockOnly: 0, pending: 0, reserved: 0 })
  })

  it('promotes a slot once, and none that was released', () => {
    const ready = reserve(slots, 'outbound')
    assert.deepEqual([ready.promote(), ready.promote()], [true, false])
    const released = reserve(slots, 'outbound')
    released.release()
    assert.equal(released.promote(), false)
    assert.deepEqual(slots.counts, { inbound: 0, outbound: 1, blockOnly: 0, pending: 0, reserved: 0 })
  })

  it('lets others have the room of an outbound session that was parked, and takes it back where it is free', () => {
    const slots = new Slots({ maxInbound: 1, maxOutbound: 1, maxBlockOnly: 0, maxPendingHandshakes: 1 })
    const slow = slots.reserve('outbound')!
    assert.equal(slots.hasOutbound, false)
    slow.park()
    slow.park()
    assert.deepEqual([slots.hasOutbound, slots.counts.pending], [true, 1])
    const quick = slots.reserve('outbound')!
    assert.deepEqual([slots.hasOutbound, slots.counts.pending], [false, 2])
    assert.equal(quick.resume(), true)
    assert.deepEqual([slow.resume(), slow.promote(), quick.resume(), quick.promote()], [false, false, true, true])
    quick.park()
    assert.equal(slots.hasOutbound, false, 'a ready one keeps its room')
    quick.release()
    assert.deepEqual([slow.promote(), slots.counts.outbound, slots.counts.pending], [true, 1, 0])
    slow.release()
    const gone = slots.reserve('outbound')!
    gone.park()
    gone.release()
    gone.release()
    assert.deepEqual([gone.resume(), slots.counts], [false, { reserved: 0, inbound: 0, outbound: 0, blockOnly: 0, pending: 0 }])
  })

  it('gives a peer that answers late the room of the oldest dial that has no answer, and never that of one that has', () => {
    const slots = new Slots({ maxInbound: 1, maxOutbound: 2, maxBlockOnly: 1, maxPendingHandshakes: 1 })
    const late = [slots.reserve('outbound')!, slots.reserve('outbound')!]
    late.forEach((slot) => { slot.park() })
    const [first, second] = [slots.reserve('outbound')!, slots.reserve('outbound')!]
    // these have rooms of their own
    slots.reserve('outbound', { isReserved: true })
    slots.reserve('outbound', { isBlockOnly: true })
    slots.reserve('inbound')
    assert.deepEqual([late[0]!.resume(), slots.hasOutbound, slots.counts.pending], [true, false, 6])
    assert.deepEqual([second.resume(), late[1]!.resume(), first.resume(), first.promote()], [true, false, false, false])
    assert.deepEqual([late[0]!.promote(), second.promote(), slots.counts.outbound], [true, true, 2])
    late[0]!.release()
    const gone = slots.reserve('outbound')!
    gone.release()
    const other = slots.reserve('outbound')!
    assert.deepEqual([first.resume(), other.resume(), slots.hasOutbound], [true, false, false])
  })

  it('has room for one extra outbound session beyond the others, parked or not, and for none where there are no slots', () => {
    const slots = new Slots({ maxInbound: 0, maxOutbound: 2, maxBlockOnly: 0, maxPendingHandshakes: 0 })
    const [first] = [slots.reserve('outbound')!, slots.reserve('outbound')!]
    const extra = slots.reserve('outbound', { isExtra: true })!
    assert.equal(slots.mostReady, 3)
    assert.equal(slots.reserve('outbound', { isExtra: true }), undefined)
    extra.park()
    assert.deepEqual([extra.promote(), slots.counts.outbound, slots.hasOutbound], [true, 1, false])
    first.release()
    assert.equal(slots.reserve('outbound'), undefined, 'it counts like the others')
    assert.equal(new Slots({ maxInbound: 0, maxOutbound: 0, maxBlockOnly: 0, maxPendingHandshakes: 0 }).reserve('outbound', { isExtra: true }), undefined)
  })

  it('parks neither an inbound session nor one with a reserved peer', () => {
    const slots = new Slots({ maxInbound: 1, maxOutbound: 0, maxBlockOnly: 0, maxPendingHandshakes: 1 })
    slots.reserve('inbound')!.park()
    assert.equal(slots.reserve('inbound'), undefined)
    const reserved = slots.reserve('outbound', { isReserved: true })!
    reserved.park()
    assert.deepEqual([reserved.resume(), reserved.promote()], [true, true])
  })

  describe('for a successor', () => {
    it('counts nothing until it takes over the slot of its predecessor', () => {
      for (const direction of ['inbound', 'outbound'] as const) {
        const slots = new Slots({ maxInbound: 1, maxOutbound: 1, maxBlockOnly: 0, maxPendingHandshakes: 1 })
        const first = reserve(slots, direction)
        first.promote()
        const second = slots.succeed(first)
        assert.equal(second.direction, direction)
        assert.deepEqual(slots.counts, { inbound: 0, outbound: 0, blockOnly: 0, pending: 0, reserved: 0, [direction]: 1 })
        assert.deepEqual([second.promote(), second.promote()], [true, false])
        first.release()
        assert.deepEqual(slots.counts, { inbound: 0, outbound: 0, blockOnly: 0, pending: 0, reserved: 0, [direction]: 1 })
        second.release()
        second.release()
        assert.deepEqual(slots.counts, { inbound: 0, outbound: 0, blockOnly: 0, pending: 0, reserved: 0 })
      }
    })

    it('leaves the slot to its predecessor where it is released before', () => {
      const first = reserve(slots, 'outbound')
      first.promote()
      slots.succeed(first).release()

      assert.deepEqual(slots.counts, { inbound: 0, outbound: 1, blockOnly: 0, pending: 0, reserved: 0 })
    })

    it('has none where its predecessor has released it and another session has taken it', () => {
      const first = reserve(slots, 'outbound')
      first.promote()
      const second = slots.succeed(first)
      first.release()
      Array.from({ length: LIMITS.maxOutbound }, () => reserve(slots, 'outbound'))

      assert.equal(second.promote(), false)
      assert.equal(slots.counts.pending, LIMITS.maxOutbound)
    })
  })

  describe('for reserved peers', () => {
    it('has room in both directions when everything is full, and takes none away', () => {
      const slots = new Slots({ maxInbound: 1, maxOutbound: 1, maxBlockOnly: 0, maxPendingHandshakes: 1 })
      reserve(slots, 'inbound').promote()
      reserve(slots, 'outbound').promote()
      reserve(slots, 'inbound')
      const inbound = reserve(slots, 'inbound', true)
      const outbound = reserve(slots, 'outbound', true)
      assert.deepEqual(slots.counts, { inbound: 1, outbound: 1, blockOnly: 0, pending: 1, reserved: 0 })
      assert.deepEqual([inbound.promote(), outbound.promote()], [true, true])
      assert.deepEqual(slots.counts, { inbound: 1, outbound: 1, blockOnly: 0, pending: 1, reserved: 2 })
      inbound.release()
      inbound.release()
      assert.deepEqual(slots.counts, { inbound: 1, outbound: 1, blockOnly: 0, pending: 1, reserved: 1 })
    })

    it('leaves all room to others', () => {
      reserve(slots, 'inbound', true).promote()
      reserve(slots, 'outbound', true).promote()
      reserve(slots, 'inbound', true)
      assert.equal(Array.from({ length: LIMITS.maxPendingHandshakes }, () => reserve(slots, 'inbound')).filter((slot) => slot.promote()).length, LIMITS.maxInbound)
      assert.ok(Array.from({ length: LIMITS.maxOutbound }, () => reserve(slots, 'outbound')).every((slot) => slot.promote()))
    })

    it(`has room for ${MAX_PENDING_RESERVED} handshakes that they begin, and not for one more`, () => {
      const all = Array.from({ length: MAX_PENDING_RESERVED }, () => reserve(slots, 'inbound', true))
      assert.equal(slots.reserve('inbound', { isReserved: true }), undefined)
      all[0]!.promote()
      assert.notEqual(slots.reserve('inbound', { isReserved: true }), undefined)
    })

    it('gives the successor of a reserved session a slot outside the limits too', () => {
      const none = new Slots({ maxInbound: 0, maxOutbound: 0, maxBlockOnly: 0, maxPendingHandshakes: 1 })

      for (const direction of ['inbound', 'outbound'] as const) {
        const first = reserve(none, direction, true)
        first.promote()
        const second = none.succeed(first)
        assert.deepEqual([second.isReserved, second.promote()], [true, true])
        assert.equal(none.counts.reserved, 1)
        second.release()
        assert.equal(none.counts.reserved, 0)
      }
    })

    it('takes a slot for a peer that turns out to be reserved, and releases the one that it had', () => {
      const all = Array.from({ length: LIMITS.maxOutbound }, () => reserve(slots, 'outbound'))
      const slot = slots.exempt(all[0]!)
      assert.equal(slot.isReserved, true)
      assert.notEqual(slots.reserve('outbound'), undefined)
      all[0]!.release()
      assert.equal(slots.reserve('outbound'), undefined)
      assert.equal(slot.promote(), true)
      assert.deepEqual(slots.counts, { inbound: 0, outbound: 0, blockOnly: 0, pending: LIMITS.maxOutbound, reserved: 1 })
    })
  })

  it('has no room at all where the limits are 0', () => {
    const none = new Slots({ maxInbound: 0, maxOutbound: 0, maxBlockOnly: 0, maxPendingHandshakes: 1 })

    assert.equal(none.reserve('outbound'), undefined)
    assert.equal(none.hasInbound, false)
    assert.equal(reserve(none, 'inbound').promote(), false)
  })

  it('has room for block-only sessions beside all others, for so many and not one more', () => {
    Array.from({ length: LIMITS.maxOutbound }, () => reserve(slots, 'outbound'))
    const [first, second] = [1, 2].map(() => slots.reserve('outbound', { isBlockOnly: true })!)
    assert.deepEqual([slots.hasBlockOnly, slots.reserve('outbound', { isBlockOnly: true })], [false, undefined])
    assert.deepEqual([first!.isBlockOnly, first!.promote()], [true, true])
    assert.deepEqual(slots.counts, { inbound: 0, outbound: 0, blockOnly: 1, pending: 4, reserved: 0 })
    second!.park()
    assert.equal(slots.hasBlockOnly, true)
    const third = slots.reserve('outbound', { isBlockOnly: true })!
    assert.deepEqual([third.resume(), second!.resume()], [true, false])
    third.release()
    assert.deepEqual([second!.resume(), second!.promote(), slots.counts.blockOnly], [true, true, 2])
    const next = slots.succeed(first!)
    assert.deepEqual([next.isBlockOnly, next.promote(), slots.counts.blockOnly], [true, true, 2])
    assert.deepEqual([slots.exempt(second!).isBlockOnly, slots.counts.blockOnly], [false, 1])
    assert.equal(slots.mostReady, LIMITS.maxInbound + LIMITS.maxOutbound + 2 + MAX_EXTRA_OUTBOUND)
  })

  it('counts like a list of what was taken and given back, and never exceeds its limits', () => {
    const index = fc.nat(30)
    const step = fc.oneof(
      fc.record({ do: fc.constant('reserve' as const), direction: fc.constantFrom<Direction>('inbound', 'outbound'), isReserved: fc.boolean(), index }),
      fc.record({ do: fc.constantFrom('promote' as const, 'release' as const), direction: fc.constant<Direction>('inbound'), isReserved: fc.constant(false), index })
    )

    fc.assert(fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const real = new Slots(LIMITS)
      const model = new Model()
      const taken: Slot[] = []

      for (const { do: action, direction, isReserved, index } of steps) {
        const entry = model.entries[index % Math.max(1, taken.length)]
        const slot = taken[index % Math.max(1, taken.length)]

        if (action === 'reserve') {
          const expected = model.canReserve(direction, isReserved)
          const reserved = real.reserve(direction, { isReserved })
          assert.equal(reserved != null, expected)

          if (reserved != null) {
            assert.equal(reserved.direction, direction)
            taken.push(reserved)
            model.entries.push({ direction, isReserved, stage: 'pending' })
          }
        } else if (entry != null && slot != null && action === 'promote') {
          const expected = model.canPromote(entry)
          assert.equal(slot.promote(), expected)
          entry.stage = expected ? 'ready' : entry.stage
        } else if (entry != null && slot != null) {
          slot.release()
          entry.stage = 'released'
        }

        const { inbound, outbound, pending, reserved } = real.counts
        assert.equal(inbound, model.count('inbound', 'ready'))
        assert.equal(outbound, model.count('outbound', 'ready'))
        assert.equal(pending, model.count('inbound', 'pending') + model.count('outbound', 'pending'))
        assert.equal(reserved, model.count('inbound', 'ready', true) + model.count('outbound', 'ready', true))
        assert(inbound <= LIMITS.maxInbound && outbound <= LIMITS.maxOutbound)
        assert(pending <= LIMITS.maxPendingHandshakes + LIMITS.maxOutbound - outbound)
      }
    }))
  })
})

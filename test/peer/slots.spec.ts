import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Slots } from '../../src/peer/slots.ts'
import type { Slot } from '../../src/peer/slots.ts'
import type { Direction } from '../../src/types/peer.ts'

const LIMITS = { maxInbound: 2, maxOutbound: 3, maxPendingHandshakes: 4 }

function reserve (slots: Slots, direction: Direction): Slot {
  const slot = slots.reserve(direction)
  assert(slot != null)

  return slot
}

/** The same rules, counted anew from a plain list each time. */
class Model {
  readonly entries: { direction: Direction, stage: 'pending' | 'ready' | 'released' }[] = []

  count (direction: Direction, stage: 'pending' | 'ready'): number {
    return this.entries.filter((entry) => entry.direction === direction && entry.stage === stage).length
  }

  canReserve (direction: Direction): boolean {
    return direction === 'inbound'
      ? this.count('inbound', 'pending') < LIMITS.maxPendingHandshakes
      : this.count('outbound', 'pending') + this.count('outbound', 'ready') < LIMITS.maxOutbound
  }

  canPromote ({ direction, stage }: Model['entries'][number]): boolean {
    return stage === 'pending' && (direction === 'outbound' || this.count('inbound', 'ready') < LIMITS.maxInbound)
  }
}

describe('Slots', () => {
  let slots: Slots

  beforeEach(() => {
    slots = new Slots(LIMITS)
  })

  it('counts nothing at first', () => {
    assert.deepEqual(slots.counts, { inbound: 0, outbound: 0, pending: 0 })
  })

  it('counts a session as pending, then by its direction, then not at all', () => {
    const inbound = reserve(slots, 'inbound')
    const outbound = reserve(slots, 'outbound')
    assert.deepEqual(slots.counts, { inbound: 0, outbound: 0, pending: 2 })
    assert.equal(inbound.promote(), true)
    assert.deepEqual(slots.counts, { inbound: 1, outbound: 0, pending: 1 })
    assert.equal(outbound.promote(), true)
    assert.deepEqual(slots.counts, { inbound: 1, outbound: 1, pending: 0 })
    inbound.release()
    outbound.release()
    assert.deepEqual(slots.counts, { inbound: 0, outbound: 0, pending: 0 })
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
    assert.deepEqual(slots.counts, { inbound: 2, outbound: 0, pending: 1 })
    all[1]!.release()
    assert.equal(late.promote(), true)
    assert.deepEqual(slots.counts, { inbound: 2, outbound: 0, pending: 0 })
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

  it('keeps nobody of the other direction out', () => {
    while (slots.reserve('inbound') != null) { /* until it is full */ }

    assert.notEqual(slots.reserve('outbound'), undefined)
  })

  it('gives a slot back once, however often it is released', () => {
    const slot = reserve(slots, 'inbound')
    const other = reserve(slots, 'inbound')
    other.promote()
    slot.release()
    slot.release()
    assert.deepEqual(slots.counts, { inbound: 1, outbound: 0, pending: 0 })
    other.release()
    other.release()
    assert.deepEqual(slots.counts, { inbound: 0, outbound: 0, pending: 0 })
  })

  it('promotes a slot once, and none that was released', () => {
    const ready = reserve(slots, 'outbound')
    assert.deepEqual([ready.promote(), ready.promote()], [true, false])
    const released = reserve(slots, 'outbound')
    released.release()
    assert.equal(released.promote(), false)
    assert.deepEqual(slots.counts, { inbound: 0, outbound: 1, pending: 0 })
  })

  describe('for a successor', () => {
    it('counts nothing until it takes over the place, and that of its predecessor then', () => {
      for (const direction of ['inbound', 'outbound'] as const) {
        const slots = new Slots({ maxInbound: 1, maxOutbound: 1, maxPendingHandshakes: 1 })
        const first = reserve(slots, direction)
        first.promote()
        const second = slots.succeed(first)
        assert.equal(second.direction, direction)
        assert.deepEqual(slots.counts, { inbound: 0, outbound: 0, pending: 0, [direction]: 1 })
        assert.deepEqual([second.promote(), second.promote()], [true, false])
        first.release()
        assert.deepEqual(slots.counts, { inbound: 0, outbound: 0, pending: 0, [direction]: 1 })
        second.release()
        second.release()
        assert.deepEqual(slots.counts, { inbound: 0, outbound: 0, pending: 0 })
      }
    })

    it('leaves the place to its predecessor where it is given back before', () => {
      const first = reserve(slots, 'outbound')
      first.promote()
      slots.succeed(first).release()

      assert.deepEqual(slots.counts, { inbound: 0, outbound: 1, pending: 0 })
    })

    it('has none where its predecessor has given it back and others have taken it', () => {
      const first = reserve(slots, 'outbound')
      first.promote()
      const second = slots.succeed(first)
      first.release()
      Array.from({ length: LIMITS.maxOutbound }, () => reserve(slots, 'outbound'))

      assert.equal(second.promote(), false)
      assert.equal(slots.counts.pending, LIMITS.maxOutbound)
    })
  })

  it('has no room at all where the limits are 0', () => {
    const none = new Slots({ maxInbound: 0, maxOutbound: 0, maxPendingHandshakes: 1 })

    assert.equal(none.reserve('outbound'), undefined)
    assert.equal(none.hasInbound, false)
    assert.equal(reserve(none, 'inbound').promote(), false)
  })

  it('counts like a list of what was taken and given back, and never exceeds its limits', () => {
    const index = fc.nat(30)
    const step = fc.oneof(
      fc.record({ do: fc.constant('reserve' as const), direction: fc.constantFrom<Direction>('inbound', 'outbound'), index }),
      fc.record({ do: fc.constantFrom('promote' as const, 'release' as const), direction: fc.constant<Direction>('inbound'), index })
    )

    fc.assert(fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const real = new Slots(LIMITS)
      const model = new Model()
      const taken: Slot[] = []

      for (const { do: action, direction, index } of steps) {
        const entry = model.entries[index % Math.max(1, taken.length)]
        const slot = taken[index % Math.max(1, taken.length)]

        if (action === 'reserve') {
          const expected = model.canReserve(direction)
          const reserved = real.reserve(direction)
          assert.equal(reserved != null, expected)

          if (reserved != null) {
            assert.equal(reserved.direction, direction)
            taken.push(reserved)
            model.entries.push({ direction, stage: 'pending' })
          }
        } else if (entry != null && slot != null && action === 'promote') {
          const expected = model.canPromote(entry)
          assert.equal(slot.promote(), expected)
          entry.stage = expected ? 'ready' : entry.stage
        } else if (entry != null && slot != null) {
          slot.release()
          entry.stage = 'released'
        }

        const { inbound, outbound, pending } = real.counts
        assert.equal(inbound, model.count('inbound', 'ready'))
        assert.equal(outbound, model.count('outbound', 'ready'))
        assert.equal(pending, model.count('inbound', 'pending') + model.count('outbound', 'pending'))
        assert(inbound <= LIMITS.maxInbound && outbound <= LIMITS.maxOutbound)
        assert(pending <= LIMITS.maxPendingHandshakes + LIMITS.maxOutbound - outbound)
      }
    }))
  })
})

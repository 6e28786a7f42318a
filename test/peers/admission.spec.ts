import assert from 'node:assert/strict'
import { Admission } from '../../src/peers/admission.ts'
import { MAX_HANDSHAKES_PER_HOST, MIN_HALF_OPEN_MS } from '../../src/peers/half-open.ts'
import { Slots } from '../../src/peers/slots.ts'
import { UNKNOWN_LOCATION } from '../../src/address/location.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { systemChance } from '../../src/util/chance.ts'
import type { InboundSession } from '../../src/peers/admission.ts'
import type { Slot } from '../../src/peers/slots.ts'
import type { Location } from '../../src/address/location.ts'

const LIMITS = { maxInbound: 8, maxOutbound: 1, maxBlockOnly: 0, maxPendingHandshakes: 6, maxInboundPerHost: 2 }

function at (netgroup: number, host = 0): Location {
  return { host: `8.${netgroup}.0.${host}`, netgroup: `netgroup ${netgroup}` }
}

describe('peers/admission', () => {
  let clock: FakeClock
  let slots: Slots
  let ready: InboundSession[]
  let closed: [id: string, reason: string][]
  let reserved: Set<string>
  let banned: Set<string>
  let admission: Admission

  beforeEach(() => {
    clock = new FakeClock()
    slots = new Slots(LIMITS)
    ready = []
    closed = []
    reserved = new Set(['reserved'])
    banned = new Set()
    admission = newAdmission(LIMITS)
  })

  function newAdmission (config: typeof LIMITS): Admission {
    return new Admission({
      localId: 'local',
      slots,
      clock,
      chance: systemChance,
      config,
      ready: () => ready,
      get: (id) => ready.some((session) => session.id === id) ? { direction: 'inbound' } : undefined,
      isReserved: (id) => reserved.has(id),
      isBanned: ({ id }) => banned.has(id)
    })
  }

  function newSession (id: string, location: Location, slot: Slot): InboundSession {
    const since = clock.now()
    const session: InboundSession = {
      id,
      location,
      rtt: undefined,
      lastUsefulBlockAt: undefined,
      lastUsefulTransactionAt: undefined,
      get readyFor () { return clock.now() - since },
      close: (reason) => {
        closed.push([id, reason])
        slot.release()
        admission.onEnded(session)
        ready = ready.filter((other) => other !== session)
      }
    }

    return session
  }

  /** Begins a handshake. */
  function begin (id: string, location: Location): { session: InboundSession, slot: Slot } | undefined {
    const slot = admission.reserve({ id, location })

    if (slot == null) {
      return undefined
    }

    const session = newSession(id, location, slot)
    admission.onBegun(session)

    return { session, slot }
  }

  /** Begins a handshake and completes it. */
  function enter (id: string, location: Location): boolean {
    const begun = begin(id, location)

    if (begun == null || !admission.makeRoom({ id, location })) {
      begun?.session.close('TOO_MANY_CONNECTIONS')

      return false
    }

    assert.equal(begun.slot.promote(), true)
    admission.onEnded(begun.session)
    ready.push(begun.session)

    return true
  }

  async function fill (): Promise<void> {
    for (let i = 0; i < LIMITS.maxInbound; i++) {
      assert.equal(enter(`peer${i}`, at(i)), true)
      await clock.advance(1)
    }
  }

  describe('of a stream that a peer opens', () => {
    function decide (id: string, location: Location): string {
      const { slot, refusal } = admission.decide({ id, location })

      return `${slot == null ? 'no slot' : 'slot'}, ${refusal?.reason ?? 'begins'}`
    }

    it('gives a slot to a peer that there is room for', () => {
      assert.equal(decide('a', at(1)), 'slot, begins')
    })

    it('refuses this node itself and banned peers, and gives them no slot', () => {
      banned.add('bad')
      assert.equal(decide('local', at(1)), 'no slot, DUPLICATE_CONNECTION')
      assert.equal(decide('bad', at(1)), 'no slot, BANNED')
      assert.equal(slots.counts.pending, 0)
    })

    it('refuses a peer without a slot for its handshake', () => {
      Array.from({ length: MAX_HANDSHAKES_PER_HOST }, (_, i) => begin(`a${i}`, at(1)))
      assert.equal(decide('b', at(1)), 'no slot, TOO_MANY_CONNECTIONS')
    })

    it('refuses a peer whose host has all its sessions, but not a second stream of one of them', () => {
      assert.deepEqual(['a', 'b'].map((id) => enter(id, at(1))), [true, true])
      assert.equal(decide('c', at(1)), 'slot, TOO_MANY_CONNECTIONS')
      assert.equal(decide('a', at(1)), 'slot, begins')
    })
  })

  describe('for handshakes', () => {
    it(`has room for ${MAX_HANDSHAKES_PER_HOST} of one host`, () => {
      Array.from({ length: MAX_HANDSHAKES_PER_HOST }, (_, i) => begin(`a${i}`, at(1)))
      assert.equal(begin('b', at(1)), undefined)
      assert.notEqual(begin('b', at(2)), undefined)
      assert.equal(closed.length, 0)
    })

    it('has room again when one is done or has failed', () => {
      const [first] = Array.from({ length: MAX_HANDSHAKES_PER_HOST }, (_, i) => begin(`a${i}`, at(1)))
      first!.session.close('TIMEOUT')
      assert.notEqual(begin('b', at(1)), undefined)
    })

    it('ends the oldest of the most crowded netgroup where all slots are taken', () => {
      Array.from({ length: LIMITS.maxPendingHandshakes }, (_, i) => begin(`a${i}`, at(1, i)))
      assert.notEqual(begin('b', at(2)), undefined)
      assert.deepEqual(closed, [['a0', 'TOO_MANY_CONNECTIONS']])
      assert.equal(slots.counts.pending, LIMITS.maxPendingHandshakes)
    })

    it('refuses the newcomer where no handshake has to make room yet', async () => {
      Array.from({ length: LIMITS.maxPendingHandshakes }, (_, i) => begin(`a${i}`, at(i)))
      assert.equal(begin('b', at(100)), undefined)
      await clock.advance(MIN_HALF_OPEN_MS)
      assert.notEqual(begin('b', at(100)), undefined)
      assert.deepEqual(closed, [['a0', 'TOO_MANY_CONNECTIONS']])
    })

    it('has room for a reserved peer, ends no handshake for it, and never ends its own', async () => {
      Array.from({ length: LIMITS.maxPendingHandshakes }, (_, i) => begin(`a${i}`, UNKNOWN_LOCATION))
      assert.equal(begin('reserved', UNKNOWN_LOCATION)?.slot.isReserved, true)
      assert.equal(closed.length, 0)
      await clock.advance(MIN_HALF_OPEN_MS)
      Array.from({ length: 20 }, (_, i) => begin(`b${i}`, UNKNOWN_LOCATION))
      assert.deepEqual(closed.map(([id]) => id).sort(), ['a0', 'a1', 'a2', 'a3', 'a4', 'a5'])
    })
  })

  describe('for sessions', () => {
    it('has room for as many of one public host as its limit, and not for one more', () => {
      assert.deepEqual(['a', 'b', 'c'].map((id) => enter(id, at(1))), [true, true, false])
      assert.equal(admission.admits({ id: 'a', location: at(1) }), true, 'a peer takes its own place over')
      assert.equal(enter('d', at(1, 1)), true)
    })

    it('counts no reserved peer, and admits it beside as many of its host', () => {
      assert.equal(enter('reserved', at(1)), true)
      assert.deepEqual(['a', 'b', 'c'].map((id) => enter(id, at(1))), [true, true, false])
      reserved.add('d')
      assert.equal(enter('d', at(1)), true)
    })

    it('ends a session without a merit for a newcomer where all slots are taken', async () => {
      await fill()
      assert.equal(admission.admits({ id: 'new', location: at(100) }), true)
      assert.equal(closed.length, 0, 'no session ends for a handshake that is not done')
      assert.equal(enter('new', at(100)), true)
      assert.equal(closed.length, 1)
      assert.equal(closed[0]?.[1], 'TOO_MANY_CONNECTIONS')
      assert.equal(slots.counts.inbound, LIMITS.maxInbound)
    })

    it('ends none for a reserved peer', async () => {
      await fill()
      assert.equal(enter('reserved', at(100)), true)
      assert.equal(closed.length, 0)
      assert.deepEqual(slots.counts, { inbound: LIMITS.maxInbound, outbound: 0, blockOnly: 0, pending: 0, reserved: 1 })
    })

    it('refuses a newcomer of a netgroup that has more than others', async () => {
      await fill()
      ready.slice(0, 2).forEach((session) => Object.assign(session, { location: at(100, 1) }))
      // both of that network are protected
      ready.slice(0, 2).forEach((session) => Object.assign(session, { rtt: 1, lastUsefulBlockAt: 1 }))
      assert.equal(enter('new', at(100)), false)
      assert.deepEqual(closed.map(([id]) => id), ['new'])
    })

    it('has no room where none is configured', () => {
      const config = { ...LIMITS, maxInbound: 0 }
      slots = new Slots(config)
      admission = newAdmission(config)

      assert.equal(enter('a', at(1)), false)
      assert.equal(enter('reserved', at(1)), true)
    })
  })
})

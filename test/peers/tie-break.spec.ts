import assert from 'node:assert/strict'
import fc from 'fast-check'
import { isReplacedBy } from '../../src/peers/tie-break.ts'
import type { Direction } from '../../src/types/peer.ts'

const RACE_WINDOW = 20_000
const SMALL = Uint8Array.of(0, 36, 1)
const LARGE = Uint8Array.of(0, 36, 2)

interface Side { localId: Uint8Array, remoteId: Uint8Array }

type Opener = 'a' | 'b'
type Decision = Side & { readyFor?: number, relayed?: 'existing' | 'candidate' | 'both' | undefined }

/** Whether the new one stays. */
function decide (existing: Direction, candidate: Direction, { localId, remoteId, readyFor = 0, relayed }: Decision): boolean {
  const init = { localId, remoteId, raceWindow: RACE_WINDOW }
  const isRelayed = (which: 'existing' | 'candidate'): boolean => relayed === 'both' || relayed === which

  return isReplacedBy(
    { direction: existing, readyFor, isRelayed: isRelayed('existing') }, { direction: candidate, readyFor: 0, isRelayed: isRelayed('candidate') }, init
  )
}

/** Which of two streams a side keeps, named by who opened them, where it sees them in this order. */
function kept ({ localId, remoteId, relayed = [] }: Side & { relayed?: Opener[] }, order: Opener[], self: Opener): Opener {
  const [first, second] = order as [Opener, Opener]
  const directionOf = (opener: Opener): Direction => opener === self ? 'outbound' : 'inbound'
  const which = relayed.length === 2 ? 'both' : relayed[0] == null ? undefined : relayed[0] === first ? 'existing' : 'candidate'

  return decide(directionOf(first), directionOf(second), { localId, remoteId, relayed: which }) ? second : first
}

describe('peers/tie-break', () => {
  it('keeps the stream that the smaller id opened, whichever came first', () => {
    const small = { localId: SMALL, remoteId: LARGE }
    const large = { localId: LARGE, remoteId: SMALL }

    assert.equal(decide('inbound', 'outbound', small), true)
    assert.equal(decide('outbound', 'inbound', small), false)
    assert.equal(decide('inbound', 'outbound', large), false)
    assert.equal(decide('outbound', 'inbound', large), true)
  })

  it('decides for the same stream on both sides, in whatever order each of them sees the two', () => {
    const id = fc.uint8Array({ minLength: 1, maxLength: 42 })
    const order = fc.constantFrom<('a' | 'b')[]>(['a', 'b'], ['b', 'a'])

    fc.assert(fc.property(id, id, order, order, (a, b, orderAtA, orderAtB) => {
      fc.pre(Buffer.compare(a, b) !== 0)
      const atA = kept({ localId: a, remoteId: b }, orderAtA, 'a')
      const atB = kept({ localId: b, remoteId: a }, orderAtB, 'b')

      assert.equal(atA, atB)
      assert.equal(atA, Buffer.compare(a, b) < 0 ? 'a' : 'b')
    }))
  })

  it('decides for the same stream on both sides also where one of the two goes through a relay: for the other', () => {
    const id = fc.uint8Array({ minLength: 1, maxLength: 42 })
    const order = fc.constantFrom<Opener[]>(['a', 'b'], ['b', 'a'])
    const relayed = fc.constantFrom<Opener[]>(['a'], ['b'], ['a', 'b'])

    fc.assert(fc.property(id, id, order, order, relayed, (a, b, orderAtA, orderAtB, relayed) => {
      fc.pre(Buffer.compare(a, b) !== 0)
      const atA = kept({ localId: a, remoteId: b, relayed }, orderAtA, 'a')
      const atB = kept({ localId: b, remoteId: a, relayed }, orderAtB, 'b')
      const direct = (['a', 'b'] as const).find((opener) => !relayed.includes(opener))

      assert.equal(atA, atB)
      assert.equal(atA, direct ?? (Buffer.compare(a, b) < 0 ? 'a' : 'b'))
    }))
  })

  it('takes an id that another begins with for the smaller one', () => {
    const side = { localId: Uint8Array.of(1, 2), remoteId: Uint8Array.of(1, 2, 0) }

    assert.equal(decide('inbound', 'outbound', side), true)
    assert.equal(decide('outbound', 'inbound', side), false)
  })

  it('compares bytes as numbers from 0 to 255', () => {
    assert.equal(decide('inbound', 'outbound', { localId: Uint8Array.of(0x7f), remoteId: Uint8Array.of(0x80) }), true)
  })

  for (const side of [{ localId: SMALL, remoteId: LARGE }, { localId: LARGE, remoteId: SMALL }]) {
    describe(side.localId === SMALL ? 'on the side of the smaller id' : 'on the side of the larger id', () => {
      it('keeps the newer of two streams that the peer opened: it has lost the first one', () => {
        assert.equal(decide('inbound', 'inbound', side), true)
      })

      it('keeps the older of two streams that the node opened', () => {
        assert.equal(decide('outbound', 'outbound', side), false)
        assert.equal(decide('outbound', 'outbound', { ...side, readyFor: RACE_WINDOW + 1 }), false)
      })

      it('keeps the newer of two circuits that the same side opened, on both sides: the other is about to be used up', () => {
        assert.equal(decide('outbound', 'outbound', { ...side, relayed: 'both' }), true)
        assert.equal(decide('inbound', 'inbound', { ...side, relayed: 'both' }), true)
      })

      it('keeps a stream that a peer opens long afterwards, in place of the one that it must have lost', () => {
        assert.equal(decide('outbound', 'inbound', { ...side, readyFor: RACE_WINDOW + 1 }), true)
        assert.equal(decide('inbound', 'inbound', { ...side, readyFor: RACE_WINDOW + 1 }), true)
      })

      it('takes both streams for simultaneous dials until the race window is over', () => {
        assert.equal(decide('outbound', 'inbound', { ...side, readyFor: RACE_WINDOW }), side.localId === LARGE)
      })

      for (const [existing, candidate] of [['inbound', 'inbound'], ['inbound', 'outbound'], ['outbound', 'inbound'], ['outbound', 'outbound']] as const) {
        it(`replaces a session through a relay by a direct one at any time: ${existing}, then ${candidate}`, () => {
          assert.equal(decide(existing, candidate, { ...side, relayed: 'existing' }), true)
          assert.equal(decide(existing, candidate, { ...side, relayed: 'existing', readyFor: RACE_WINDOW + 1 }), true)
        })

        it(`does not replace a direct session by one through a relay within the race window: ${existing}, then ${candidate}`, () => {
          assert.equal(decide(existing, candidate, { ...side, relayed: 'candidate' }), false)
          assert.equal(decide(existing, candidate, { ...side, relayed: 'candidate', readyFor: RACE_WINDOW }), false)
        })
      }

      it('keeps a circuit that a peer opens long afterwards, in place of a direct stream that it must have lost', () => {
        assert.equal(decide('inbound', 'inbound', { ...side, relayed: 'candidate', readyFor: RACE_WINDOW + 1 }), true)
        assert.equal(decide('outbound', 'inbound', { ...side, relayed: 'candidate', readyFor: RACE_WINDOW + 1 }), true)
        assert.equal(decide('inbound', 'outbound', { ...side, relayed: 'candidate', readyFor: RACE_WINDOW + 1 }), false)
      })

      it('replaces no more by a stream that the node opens late than within the race window', () => {
        assert.equal(decide('inbound', 'outbound', { ...side, readyFor: RACE_WINDOW + 1 }), side.localId === SMALL)
      })
    })
  }
})

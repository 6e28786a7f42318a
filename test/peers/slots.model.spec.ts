import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Slots } from '../../src/peers/slots.ts'
import { command } from '../support/command.ts'
import type { Command } from 'fast-check'
import type { Slot } from '../../src/peers/slots.ts'
import type { Direction } from '../../src/types/peer.ts'

const LIMITS = { maxInbound: 2, maxOutbound: 3, maxBlockOnly: 1, maxPendingHandshakes: 2 }

interface Entry {
  direction: Direction
  isReserved: boolean
  isBlockOnly: boolean
  stage: 'pending' | 'ready' | 'released'
  /** It counts for nothing until it takes the place of this one. */
  predecessor: Entry | undefined
}

/** What kind of a session it is. */
type Kind = Pick<Entry, 'direction' | 'isReserved' | 'isBlockOnly'>

const INBOUND: Kind = { direction: 'inbound', isReserved: false, isBlockOnly: false }
const OUTBOUND: Kind = { ...INBOUND, direction: 'outbound' }
const BLOCK_ONLY: Kind = { ...OUTBOUND, isBlockOnly: true }

/** The rules, with everything counted anew each time. */
class Model {
  readonly entries: Entry[] = []

  count (stage: Entry['stage'], of: Kind): number {
    return this.entries.filter((entry) => {
      return entry.stage === stage && entry.direction === of.direction &&
        entry.isReserved === of.isReserved && entry.isBlockOnly === of.isBlockOnly &&
        (stage !== 'pending' || entry.predecessor == null)
    }).length
  }

  hasRoom (stage: 'pending' | 'ready', of: Kind): boolean {
    if (of.isReserved) {
      return true
    }

    if (of.direction === 'outbound') {
      return this.count('pending', of) + this.count('ready', of) < (of.isBlockOnly ? LIMITS.maxBlockOnly : LIMITS.maxOutbound)
    }

    return this.count(stage, of) < (stage === 'pending' ? LIMITS.maxPendingHandshakes : LIMITS.maxInbound)
  }

  /** An outbound session has had its place from the dial on, but where it follows another one. */
  canPromote (entry: Entry): boolean {
    const { direction, stage, predecessor } = entry

    return stage === 'pending' && ((direction === 'outbound' && predecessor == null) || this.hasRoom('ready', entry))
  }

  get counts (): Slots['counts'] {
    return {
      inbound: this.count('ready', INBOUND),
      outbound: this.count('ready', OUTBOUND),
      blockOnly: this.count('ready', BLOCK_ONLY),
      pending: [INBOUND, OUTBOUND, BLOCK_ONLY].reduce((sum, kind) => sum + this.count('pending', kind), 0),
      reserved: this.entries.filter(({ isReserved, stage }) => isReserved && stage === 'ready').length
    }
  }
}

interface Real { slots: Slots, locations: Slot[] }

type Step = Command<Model, Real>

const nth = fc.nat({ max: 40 })

function entryOf ({ entries }: Readonly<Model>, nth: number): Entry {
  return entries[nth % entries.length]!
}

function locationOf ({ locations }: Real, nth: number): Slot {
  return locations[nth % locations.length]!
}

interface EntryAct {
  check?: (entry: Entry) => boolean
  run: (entry: Entry, location: Slot, world: { model: Model, real: Real }) => void
}

/** A command about one of the places that were ever taken. */
function onEntry (name: string, act: EntryAct): fc.Arbitrary<Step> {
  return nth.map((nth) => command({
    name: `${name}(${nth})`,
    check: (model) => model.entries.length > 0 && (act.check?.(entryOf(model, nth)) ?? true),
    run: (model, real) => {
      act.run(entryOf(model, nth), locationOf(real, nth), { model, real })
      assert.deepEqual(real.slots.counts, model.counts)
      assert.equal(real.slots.hasInbound, model.hasRoom('ready', INBOUND))
      assert.equal(real.slots.hasOutbound, model.hasRoom('pending', OUTBOUND))
      assert.equal(real.slots.hasBlockOnly, model.hasRoom('pending', BLOCK_ONLY))
    }
  }))
}

const KINDS: readonly Kind[] = [INBOUND, OUTBOUND, BLOCK_ONLY, { ...INBOUND, isReserved: true }, { ...OUTBOUND, isReserved: true }]

const reserve = fc.constantFrom(...KINDS).map((kind): Step => command({
  name: `reserve(${JSON.stringify(kind)})`,
  run: (model, { slots, locations }) => {
    const { direction, ...options } = kind
    const location = slots.reserve(direction, options)
    assert.equal(location != null, model.hasRoom('pending', kind))

    if (location != null) {
      assert.deepEqual([location.isReserved, location.isBlockOnly], [kind.isReserved, kind.isBlockOnly])
      model.entries.push({ ...kind, stage: 'pending', predecessor: undefined })
      locations.push(location)
    }
  }
}))

const promote = onEntry('promote', {
  run: (entry, location, { model }) => {
    if (entry.predecessor != null) {
      entry.predecessor.stage = 'released'
    }

    const can = model.canPromote(entry)
    assert.equal(location.promote(), can)
    entry.stage = can ? 'ready' : entry.stage
  }
})

const release = onEntry('release', {
  run: (entry, location) => {
    location.release()
    entry.stage = 'released'
  }
})

const succeed = onEntry('succeed', {
  check: ({ stage }) => stage === 'ready',
  run: (predecessor, location, { model, real }) => {
    model.entries.push({ ...predecessor, stage: 'pending', predecessor })
    real.locations.push(real.slots.succeed(location))
  }
})

const exempt = onEntry('exempt', {
  check: ({ stage, direction, predecessor }) => stage === 'pending' && direction === 'outbound' && predecessor == null,
  run: (entry, location, { model, real }) => {
    entry.stage = 'released'
    model.entries.push({ ...entry, isReserved: true, isBlockOnly: false, stage: 'pending' })
    real.locations.push(real.slots.exempt(location))
  }
})

describe('peers/slots, beside a model', () => {
  it('count the same and have room at the same times, whatever is taken, followed and given back', () => {
    fc.assert(fc.property(fc.commands([reserve, promote, release, succeed, exempt], { maxCommands: 60, size: 'max' }), (commands) => {
      fc.modelRun(() => ({ model: new Model(), real: { slots: new Slots(LIMITS), locations: [] } }), commands)
    }), { numRuns: 1000 })
  })
})

import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  MAX_ORPHAN_BYTES, MAX_ORPHAN_DEPTH, MAX_ORPHANS, MAX_PEER_ORPHANS, ORPHAN_TTL_MS, Orphans
} from '../../../src/sync/import/orphans.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { sampleHash } from '../../support/sample.ts'
import type { Orphan } from '../../../src/sync/import/orphans.ts'

interface Sender { id: string }

describe('sync/import/orphans', () => {
  let clock: FakeClock
  let dropped: Orphan<Sender>[]
  let orphans: Orphans<Sender>
  let senders: Map<string, Sender>

  beforeEach(() => {
    clock = new FakeClock()
    dropped = []
    senders = new Map()
    orphans = new Orphans({ clock, onDropped: (orphan) => { dropped.push(orphan) } })
  })

  function sender (id: string): Sender {
    const found = senders.get(id) ?? { id }
    senders.set(id, found)

    return found
  }

  function orphan (id: string, height: number, bytes = 100): Orphan<Sender> {
    return { height, prevHash: sampleHash(`parent of ${height}`), item: new Uint8Array(bytes).fill(height), from: sender(id) }
  }

  const add = (id: string, height: number, bytes?: number): boolean => orphans.add(orphan(id, height, bytes), 0)
  const heights = (of: readonly Orphan<Sender>[]): string[] => of.map(({ from, height }) => `${from.id} ${height}`)

  /** Everything that is kept, by whom and at which height. */
  function drain (): string[] {
    dropped = []
    orphans.clear()

    return heights(dropped)
  }

  it('gives one whose parent has a hash, once', () => {
    add('alice', 5)
    add('bob', 6)
    add('carol', 6)

    assert.equal(orphans.take(sampleHash('parent of 7')), undefined)
    assert.equal(orphans.take(sampleHash('parent of 6'))?.from.id, 'bob')
    assert.equal(orphans.take(sampleHash('parent of 6'))?.from.id, 'carol')
    assert.equal(orphans.take(sampleHash('parent of 6')), undefined)
    assert.deepEqual([orphans.size, orphans.bytes], [1, 100])
    assert.deepEqual(dropped, [])
    orphans.clear()
  })

  it('keeps copies: what came is a view of a frame', () => {
    const frame = new Uint8Array(1_000_000)
    const given = { ...orphan('alice', 5), item: frame.subarray(10, 20).fill(7), prevHash: frame.subarray(32, 64).fill(1) }
    orphans.add(given, 0)
    frame.fill(0)
    const taken = orphans.take(new Uint8Array(32).fill(1))!

    assert.deepEqual(taken.item, new Uint8Array(10).fill(7))
    assert.equal(taken.item.buffer.byteLength, 10)
    assert.equal(taken.prevHash.buffer.byteLength, 32)
  })

  it(`keeps what is up to ${MAX_ORPHAN_DEPTH} above the tip`, () => {
    assert.equal(orphans.add(orphan('alice', 100 + MAX_ORPHAN_DEPTH), 100), true)
    assert.equal(orphans.add(orphan('alice', 101 + MAX_ORPHAN_DEPTH), 100), false)
    assert.deepEqual(drain(), [`alice ${100 + MAX_ORPHAN_DEPTH}`])
  })

  it(`keeps ${MAX_PEER_ORPHANS} of a peer, those that are of use first`, () => {
    for (let height = 1; height <= MAX_PEER_ORPHANS; height++) {
      assert.equal(add('alice', height * 2), true)
    }

    assert.equal(add('alice', 100), false)
    assert.equal(orphans.size, MAX_PEER_ORPHANS)
    assert.equal(add('alice', 1), true)
    assert.equal(orphans.size, MAX_PEER_ORPHANS)
    assert.deepEqual(heights(dropped), [`alice ${2 * MAX_PEER_ORPHANS}`])
    assert.equal(add('bob', 100), true)
    orphans.clear()
  })

  it('counts two sessions of the same peer as one', () => {
    for (let height = 1; height <= MAX_PEER_ORPHANS; height++) {
      assert.equal(orphans.add({ ...orphan('alice', height), from: { id: 'alice' } }, 0), true)
    }

    assert.equal(orphans.add({ ...orphan('alice', 100), from: { id: 'alice' } }, 0), false)
    orphans.clear()
  })

  it(`keeps ${MAX_ORPHANS}; then the peer that has the most has one less`, () => {
    // one of each honest peer, and as many as may be of others
    const honest = Array.from({ length: 8 }, (_, i) => `honest ${i}`)
    const greedy = Array.from({ length: 7 }, (_, i) => `greedy ${i}`)
    honest.forEach((id) => assert.equal(add(id, 120), true))
    greedy.forEach((id) => {
      for (let height = 1; height <= MAX_PEER_ORPHANS; height++) {
        assert.equal(add(id, height), true)
      }
    })
    assert.equal(orphans.size, MAX_ORPHANS)
    assert.equal(add('newcomer', 128), true)
    assert.equal(orphans.size, MAX_ORPHANS)
    assert.deepEqual(heights(dropped), [`greedy 6 ${MAX_PEER_ORPHANS}`])
    const kept = drain()
    assert.ok(honest.every((id) => kept.includes(`${id} 120`)))
  })

  it('refuses what comes where its sender is the one that has the most', () => {
    for (let i = 0; i < MAX_ORPHANS - 2; i++) {
      add(`peer ${i}`, 10)
    }

    add('greedy', 1)
    add('greedy', 2)
    assert.equal(add('greedy', 3), false)
    assert.equal(add('greedy', 1), true)
    assert.deepEqual(heights(dropped), ['greedy 2'])
    orphans.clear()
  })

  it('keeps 16 MiB; then the peer that has most of it has less', () => {
    const share = MAX_ORPHAN_BYTES / 4
    add('honest', 1, 1000)
    add('honest', 2, 1000)
    add('honest', 3, 1000)
    add('greedy', 1, share)
    add('greedy', 2, share)
    add('greedy', 3, share)
    assert.equal(add('other', 4, share - 3000), true)
    assert.equal(orphans.bytes, MAX_ORPHAN_BYTES)
    assert.equal(add('other', 5, 1), true)
    assert.deepEqual(heights(dropped), ['greedy 3'])
    assert.equal(orphans.bytes, MAX_ORPHAN_BYTES - share + 1)
    assert.equal(add('huge', 1, MAX_ORPHAN_BYTES + 1), false)
    assert.equal(orphans.size, 7)
    orphans.clear()
    assert.equal(orphans.bytes, 0)
  })

  it(`keeps each for ${ORPHAN_TTL_MS} ms`, async () => {
    add('alice', 1)
    await clock.advance(1000)
    add('bob', 2)
    await clock.advance(ORPHAN_TTL_MS - 1001)
    assert.deepEqual(dropped, [])
    await clock.advance(1)
    assert.deepEqual(heights(dropped), ['alice 1'])
    await clock.advance(999)
    assert.equal(orphans.size, 1)
    await clock.advance(1)
    assert.deepEqual(heights(dropped), ['alice 1', 'bob 2'])
    assert.equal(clock.pending, 0)
  })

  it('drops what is not above a height, and what a session has brought', () => {
    add('alice', 1)
    add('alice', 5)
    add('bob', 4)
    add('bob', 6)
    orphans.add({ ...orphan('alice', 7), from: { id: 'alice' } }, 0)
    orphans.dropUpTo(4)
    assert.deepEqual(heights(dropped), ['alice 1', 'bob 4'])
    orphans.dropOf(sender('alice'))
    assert.deepEqual(heights(dropped), ['alice 1', 'bob 4', 'alice 5'])
    assert.deepEqual(drain(), ['bob 6', 'alice 7'])
  })

  it('has no timer where it has nothing', () => {
    add('alice', 1)
    assert.equal(clock.pending, 1)
    orphans.take(sampleHash('parent of 1'))
    assert.equal(clock.pending, 0)
    add('alice', 1)
    orphans.clear()
    assert.equal(clock.pending, 0)
  })

  it('keeps within its bounds, whatever comes, and each is taken, dropped or refused exactly once', () => {
    const memory = new Uint8Array(3 * 1024 * 1024)
    const operation = fc.oneof(
      {
        weight: 8,
        arbitrary: fc.record({
          kind: fc.constant('add' as const), peer: fc.nat(12), height: fc.integer({ min: 1, max: 140 }), bytes: fc.constantFrom(1, 500, memory.length)
        })
      },
      fc.record({ kind: fc.constant('take' as const), height: fc.integer({ min: 1, max: 140 }) }),
      fc.record({ kind: fc.constant('up' as const), height: fc.integer({ min: 0, max: 20 }) }),
      fc.record({ kind: fc.constant('gone' as const), peer: fc.nat(12) })
    )

    fc.assert(fc.property(fc.array(operation, { maxLength: 100 }), (operations) => {
      dropped = []
      orphans = new Orphans({ clock, onDropped: (orphan) => { dropped.push(orphan) } })
      let added = 0
      let ended = 0

      for (const step of operations) {
        if (step.kind === 'add') {
          added++
          const given = { ...orphan(`p${step.peer}`, step.height), item: memory.subarray(0, step.bytes) }
          ended += orphans.add(given, 0) ? 0 : 1
        } else if (step.kind === 'take') {
          ended += orphans.take(sampleHash(`parent of ${step.height}`)) == null ? 0 : 1
        } else if (step.kind === 'up') {
          orphans.dropUpTo(step.height)
        } else {
          orphans.dropOf(sender(`p${step.peer}`))
        }

        assert.ok(orphans.size <= MAX_ORPHANS && orphans.bytes <= MAX_ORPHAN_BYTES)
        assert.equal(orphans.size + dropped.length + ended, added)
      }

      orphans.clear()
      assert.equal(orphans.bytes, 0)
    }), { numRuns: 30 })
  })
})

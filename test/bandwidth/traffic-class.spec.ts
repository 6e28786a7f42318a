import assert from 'node:assert/strict'
import { BULK_SHARE, TrafficBalance } from '../../src/bandwidth/traffic-class.ts'
import type { TrafficClass } from '../../src/bandwidth/traffic-class.ts'

describe('bandwidth/traffic-class', () => {
  let precedence: TrafficBalance

  beforeEach(() => {
    precedence = new TrafficBalance()
  })

  /** What goes first, so many times, while both kinds wait, and how much each time. */
  function contest (times: number, bytesOf: (kind: TrafficClass) => number): Record<TrafficClass, number> {
    const bytes = { live: 0, bulk: 0 }

    for (let i = 0; i < times; i++) {
      const kind = precedence.first(true, true)
      bytes[kind] += bytesOf(kind)
      precedence.note(kind, bytesOf(kind), true)
    }

    return bytes
  }

  it('lets go what there is', () => {
    assert.equal(precedence.first(true, false), 'live')
    assert.equal(precedence.first(false, true), 'bulk')
  })

  it('lets live go first where there is both', () => {
    assert.equal(precedence.first(true, true), 'live')
  })

  it('gives bulk its share by bytes while both wait all the time', () => {
    const { live, bulk } = contest(4000, () => 100)
    assert.equal(bulk / (live + bulk), BULK_SHARE)
  })

  it('gives bulk its share whatever the sizes are', () => {
    const { live, bulk } = contest(100_000, (kind) => kind === 'live' ? 250 : 4_000_000)
    // up to one of the large ones
    assert.ok(Math.abs(bulk - BULK_SHARE * (live + bulk)) <= 4_000_000, `${bulk} of ${live + bulk}`)
  })

  it('owes bulk nothing once it did not have to wait', () => {
    precedence.note('live', 1000, true)
    assert.equal(precedence.first(true, true), 'bulk')
    precedence.note('live', 1000, false)
    assert.equal(precedence.first(true, true), 'live')
  })

  it('makes bulk pay for nothing that it took while nothing else waited', () => {
    precedence.note('bulk', 1_000_000, false)
    precedence.note('live', 1, true)
    assert.equal(precedence.first(true, true), 'bulk')
  })
})

import assert from 'node:assert/strict'
import { reportSoak, sampleHead, sampleLine, shortfall } from './report.ts'
import { BOUNDS } from './verdict.ts'
import type { SoakSample } from './sample.ts'

const SAMPLE: SoakSample = {
  at: 61_000, heap: 31.5 * 1024 * 1024, external: 1024 * 1024, rss: 200.5 * 1024 * 1024, handles: 100, listeners: 120, sessions: 28,
  reconnects: 1000, pings: 10_000, transactions: 7, blocks: 8, restarts: 9, identities: 300, cuts: 60
}

describe('soak/report', () => {
  it('has each measurement under its name', () => {
    assert.equal(sampleHead().length, sampleLine(SAMPLE).length)
    assert.deepEqual(sampleLine(SAMPLE).trim().split(/\s+/), ['61', '31.50', '1.00', '200.5', '100', '120', '28', '1000', '10000', '7', '8', '9', '300', '60'])
  })

  it('shows each slope with its error, what is allowed, and which one rises', () => {
    const slope = { perHour: 9, error: 0.25, rise: 4.5 }
    const report = reportSoak(BOUNDS.map((bound) => ({ bound, slope, isFlat: bound.name !== 'heap' })))

    assert.match(report, /^heap +9\.00 +± 0\.25 +4\.50 +8 MiB an hour, 2 in all +RISES$/m)
    assert.match(report, /^external memory +9\.00 .* flat$/m)
  })

  it('misses what too little was done of', () => {
    assert.deepEqual(shortfall(SAMPLE, 3), [])
    assert.deepEqual(shortfall({ ...SAMPLE, reconnects: 999, pings: 9999, identities: 299, cuts: 59 }, 3), [
      'there were 999 reconnects, and 1000 are the least', 'there were 9999 pings, and 10000 are the least',
      'there were 299 identities, and 300 are the least', 'there were 59 cuts, and 60 are the least'
    ])
  })
})

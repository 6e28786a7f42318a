import assert from 'node:assert/strict'
import { Random } from '../fuzz/random.ts'
import { BOUNDS, judge, WARM_UP_SHARE } from './verdict.ts'
import type { SoakSample } from './sample.ts'

const HOUR_MS = 3_600_000
const SAMPLES = 40

/** From the first measurement that counts to the last, in hours. */
const KEPT_HOURS = (SAMPLES - 1 - Math.ceil((SAMPLES - 1) * WARM_UP_SHARE)) / SAMPLES / 2

/** Half an hour, in which `rise` is added to one measurement; `change` has the last word. */
function soak (
  name: keyof SoakSample, riseInHour: number, change: (sample: SoakSample, i: number) => SoakSample = (sample) => sample
): SoakSample[] {
  return Array.from({ length: SAMPLES }, (_, i) => {
    const at = i * HOUR_MS / 2 / SAMPLES
    const sample: SoakSample = {
      at,
      heap: 3e7,
      external: 2e7,
      rss: 2e8,
      handles: 100,
      listeners: 120,
      sessions: 28,
      reconnects: 0,
      pings: 0,
      transactions: 0,
      blocks: 0,
      restarts: 0,
      identities: 0,
      cuts: 0
    }

    return change({ ...sample, [name]: sample[name] + riseInHour * at / HOUR_MS }, i)
  })
}

function rising (samples: SoakSample[]): string[] {
  return judge(samples).filter(({ isFlat }) => !isFlat).map(({ bound }) => bound.name)
}

describe('soak/verdict', () => {
  it('is that all is flat where nothing rises', () => {
    assert.deepEqual(rising(soak('heap', 0)), [])
  })

  for (const { name, size, perHour, floor } of BOUNDS) {
    it(`names the ${name} where it rises faster than it may and by more, and not where it is just within`, () => {
      assert.deepEqual(rising(soak(name, 1.01 * size * Math.max(perHour, floor / KEPT_HOURS))), [name])
      assert.deepEqual(rising(soak(name, 0.99 * size * Math.max(perHour, floor / KEPT_HOURS))), [])
    })
  }

  it('lets pass what is noise', () => {
    const random = new Random(1)

    assert.deepEqual(rising(soak('heap', 0, (sample) => ({ ...sample, heap: sample.heap + random.below(4e6) }))), [])
  })

  it('finds a leak in the same noise', () => {
    const random = new Random(1)

    assert.deepEqual(rising(soak('heap', 2e7, (sample) => ({ ...sample, heap: sample.heap + random.below(4e6) }))), ['heap'])
  })

  it('does not count what rises in the first quarter, and counts what does after it', () => {
    const until = (share: number) => (sample: SoakSample, i: number): SoakSample => {
      return { ...sample, heap: sample.heap + 1e6 * Math.min(i, share * SAMPLES) }
    }

    assert.deepEqual(rising(soak('heap', 0, until(0.25))), [])
    assert.deepEqual(rising(soak('heap', 0, until(0.75))), ['heap'])
  })

  it('lets pass a steep rise of very little', () => {
    const short = soak('heap', 6e7).map((sample) => ({ ...sample, at: sample.at / 60, heap: 3e7 + (sample.heap - 3e7) / 60 }))

    assert.deepEqual(rising(short), [])
  })
})

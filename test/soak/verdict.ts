import { slopeOf } from './slope.ts'
import type { SoakSample } from './sample.ts'
import type { Slope } from './slope.ts'

/** What a measurement may rise by. */
export interface Bound {
  name: 'heap' | 'external' | 'rss' | 'handles' | 'listeners' | 'sessions'
  label: string
  unit: string
  /** What one unit is, in units of the measurement. */
  size: number
  /** In units an hour. */
  perHour: number
  /** In units, over the whole line: less than that is what a runtime learns on its way, however fast. */
  floor: number
}

const MIB = 1024 * 1024

/** An hour has more than 20,000 reconnects: 8 MiB are 400 bytes for each. Timers come and go, a few for each session and large block. */
export const BOUNDS: readonly Bound[] = [
  { name: 'heap', label: 'heap', unit: 'MiB', size: MIB, perHour: 8, floor: 2 },
  { name: 'external', label: 'external memory', unit: 'MiB', size: MIB, perHour: 8, floor: 2 },
  { name: 'rss', label: 'RSS', unit: 'MiB', size: MIB, perHour: 32, floor: 32 },
  { name: 'handles', label: 'handles', unit: 'handles', size: 1, perHour: 4, floor: 16 },
  { name: 'listeners', label: 'listeners', unit: 'listeners', size: 1, perHour: 1, floor: 0.5 },
  { name: 'sessions', label: 'sessions', unit: 'sessions', size: 1, perHour: 1, floor: 0.5 }
]

/** The first part of the measurements, in which code is compiled and tables fill. */
export const WARM_UP_SHARE = 0.25

/** How many times its error a slope has to be above what is allowed, for it to be none of chance. */
export const ERRORS = 2

/** One measurement, and whether it is flat. */
export interface Verdict {
  bound: Bound
  /** In units of the bound. */
  slope: Slope
  isFlat: boolean
}

/** Judges what rose. A few measurements at least have to be left when the first ones are taken away. */
export function judge (samples: readonly SoakSample[]): Verdict[] {
  const [first, last] = [samples[0]!, samples.at(-1)!]
  const from = first.at + (last.at - first.at) * WARM_UP_SHARE
  const kept = samples.filter(({ at }) => at >= from)

  return BOUNDS.map((bound) => {
    const slope = slopeOf(kept.map((sample) => ({ at: sample.at, value: sample[bound.name] / bound.size })))
    const isFlat = slope.perHour - ERRORS * slope.error <= bound.perHour || slope.rise <= bound.floor

    return { bound, slope, isFlat }
  })
}

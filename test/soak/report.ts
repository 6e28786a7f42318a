import { alignColumns } from '../../bench/report/table.ts'
import type { SoakSample } from './sample.ts'
import type { Verdict } from './verdict.ts'

/** What has to be done in half an hour at least. */
export const LEAST: Readonly<Pick<SoakSample, 'reconnects' | 'pings' | 'identities' | 'cuts'>> = {
  reconnects: 10_000, pings: 100_000, identities: 3000, cuts: 600
}
const LEAST_MINUTES = 30

const MIB = 1024 * 1024

const COLUMNS: readonly (readonly [name: string, width: number, show: (sample: SoakSample) => string])[] = [
  ['s', 6, ({ at }) => (at / 1000).toFixed(0)],
  ['heap MiB', 10, ({ heap }) => (heap / MIB).toFixed(2)],
  ['external MiB', 14, ({ external }) => (external / MIB).toFixed(2)],
  ['RSS MiB', 9, ({ rss }) => (rss / MIB).toFixed(1)],
  ['handles', 9, ({ handles }) => String(handles)],
  ['listeners', 11, ({ listeners }) => String(listeners)],
  ['sessions', 10, ({ sessions }) => String(sessions)],
  ['reconnects', 12, ({ reconnects }) => String(reconnects)],
  ['pings', 9, ({ pings }) => String(pings)],
  ['transactions', 14, ({ transactions }) => String(transactions)],
  ['blocks', 8, ({ blocks }) => String(blocks)],
  ['restarts', 10, ({ restarts }) => String(restarts)],
  ['identities', 12, ({ identities }) => String(identities)],
  ['cuts', 6, ({ cuts }) => String(cuts)]
]

/** What is above the lines of {@link sampleLine}. */
export function sampleHead (): string {
  return COLUMNS.map(([name, width]) => name.padStart(width)).join('')
}

export function sampleLine (sample: SoakSample): string {
  return COLUMNS.map(([, width, show]) => show(sample).padStart(width)).join('')
}

/** Each measurement's slope, and what is thought of it. */
export function reportSoak (verdicts: readonly Verdict[]): string {
  return alignColumns([
    ['', 'an hour', 'error', 'in all', 'allowed', ''],
    ...verdicts.map(({ bound: { label, unit, perHour, floor }, slope, isFlat }) => [
      label,
      slope.perHour.toFixed(2),
      `± ${slope.error.toFixed(2)}`,
      slope.rise.toFixed(2),
      `${perHour} ${unit} an hour, ${floor} in all`,
      isFlat ? 'flat' : 'RISES'
    ])
  ])
}

/** What too little was done of for so many minutes. */
export function shortfall (last: SoakSample, minutes: number): string[] {
  return (Object.keys(LEAST) as (keyof typeof LEAST)[]).flatMap((name) => {
    const least = Math.floor(LEAST[name] * minutes / LEAST_MINUTES)

    return last[name] >= least ? [] : [`there were ${last[name]} ${name}, and ${least} are the least`]
  })
}

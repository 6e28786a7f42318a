/** What figures are given in. For all but rates, less is better. */
export type Unit = 'transactions/s' | 'bytes/s' | 'sessions/s' | 'ms' | 'bytes' | 'times'

/** What one run of one contender gave, by the names of the figures. */
export type Figures = Record<string, number>

/** How long and how large a run is. */
export interface Scale {
  isQuick: boolean
  /** Not counted, in ms. */
  warmUp: number
  /** Counted, in ms. */
  measured: number
}

/**
 * What is wanted of a figure of the first contender: as a multiple of that of another one, or how much more it may be. On the first
 * contender itself it is about the figure as it is.
 */
export interface Aim { atLeast?: number, atMost?: number, atMostMore?: number }

/** One of those that are compared. */
export interface Contender {
  label: string
  /** Runs it once. */
  measure: (scale: Scale) => Promise<Figures>
  /** By the names of the figures. */
  aims?: Record<string, Aim>
  /** What nothing on this stack can be better than, as far as we know. */
  isLimit?: boolean
  /** False where it is left out of a quick run. */
  isQuick?: boolean
}

/** Something that is measured: this package, which comes first, side by side with others. */
export interface Benchmark {
  name: string
  /** For the help. */
  about: string
  /** The names of what is measured, the most important first. */
  figures: Record<string, Unit>
  contenders: readonly [Contender, ...Contender[]]
  /** At most so many rounds are run. */
  maxRounds?: number
  /** False where it is left out of a quick run. */
  isQuick?: boolean
  /** What this machine lacks for it, without which it is left out; `undefined` for nothing. */
  lacks?: () => Promise<string | undefined>
}

/** Whether more is better. */
export function isRate (unit: Unit): boolean {
  return unit.endsWith('/s')
}

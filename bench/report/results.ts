import { spread } from '../statistics.ts'
import type { Aim, Benchmark, Contender, Figures, Unit } from '../benchmark.ts'
import type { Spread } from '../statistics.ts'

/** What a run of the bench has measured, as `--json` writes it. */
export interface Results {
  /** When it was begun, as text in ISO form. */
  date: string
  node: string
  cpu: string
  cores: number
  isQuick: boolean
  benchmarks: BenchmarkResult[]
}

/** What was measured of one benchmark. */
export interface BenchmarkResult {
  name: string
  about: string
  figures: Record<string, Unit>
  /** The first is ours. */
  contenders: ContenderResult[]
}

/** What was measured of one contender. */
export interface ContenderResult {
  label: string
  isLimit: boolean
  aims: Record<string, Aim>
  /** One for each round. */
  rounds: Figures[]
}

/** One line of a table: a figure of one contender. */
export interface Row {
  benchmark: string
  figure: string
  unit: Unit
  label: string
  isOurs: boolean
  isLimit: boolean
  /** Of all rounds. */
  median: number
  /** Ours in multiples of this contender's, round by round. Not for ours. */
  ratio: Spread | undefined
  aim: Aim | undefined
  /** Whether the median meets the aim. */
  isMet: boolean | undefined
}

/** What is to be filled with the rounds of a benchmark. */
export function emptyResult ({ name, about, figures }: Benchmark, contenders: readonly Contender[]): BenchmarkResult {
  return {
    name,
    about,
    figures,
    contenders: contenders.map(({ label, isLimit = false, aims = {} }) => ({ label, isLimit, aims, rounds: [] }))
  }
}

/** The lines of the table, in the order of the figures and the contenders. */
export function rowsOf ({ name, figures, contenders }: BenchmarkResult): Row[] {
  return Object.entries(figures).flatMap(([figure, unit]) => contenders.map((contender) => {
    const values = valuesOf(contender, figure)
    const ours = valuesOf(contenders[0]!, figure)
    const isOurs = contender === contenders[0]
    const ratio = isOurs ? undefined : spread(values.map((value, round) => ours[round]! / value))
    const median = spread(values).median
    const aim = contender.aims[figure]
    const judged = aim == null ? undefined : { ratio: ratio?.median ?? median, more: spread(ours).median - median }

    return {
      benchmark: name, figure, unit, label: contender.label, isOurs, isLimit: contender.isLimit, median, ratio, aim,
      isMet: judged == null ? undefined : meets(aim!, judged)
    }
  }))
}

/** What an aim is about: ours as a multiple of the other, or by itself, and how much more it is. */
interface Judged { ratio: number, more: number }

function meets ({ atLeast, atMost, atMostMore }: Aim, { ratio, more }: Judged): boolean {
  return (atLeast == null || ratio >= atLeast) && (atMost == null || ratio <= atMost) && (atMostMore == null || more <= atMostMore)
}

function valuesOf ({ rounds, label }: ContenderResult, figure: string): number[] {
  return rounds.map((figures) => {
    const value = figures[figure]

    if (value == null || !Number.isFinite(value)) {
      throw new Error(`${label} has no ${figure}`)
    }

    return value
  })
}

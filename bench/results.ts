import { spread } from './statistics.ts'
import type { Spread } from './statistics.ts'
import type { Aim, Figures, Side, Unit, Work } from './work.ts'

/** What a run of the bench has measured, as `--json` writes it. */
export interface Results {
  /** When it was begun, as text in ISO form. */
  date: string
  node: string
  cpu: string
  cores: number
  isQuick: boolean
  works: WorkResult[]
}

/** What was measured of one work. */
export interface WorkResult {
  name: string
  about: string
  figures: Record<string, Unit>
  /** The first is ours. */
  sides: SideResult[]
}

/** What was measured of one side. */
export interface SideResult {
  label: string
  isLimit: boolean
  aims: Record<string, Aim>
  /** One for each round. */
  rounds: Figures[]
}

/** One line of a table: a figure of one side. */
export interface Row {
  work: string
  figure: string
  unit: Unit
  label: string
  isOurs: boolean
  isLimit: boolean
  /** Of all rounds. */
  median: number
  /** Ours in multiples of this side's, round by round. Not for ours. */
  ratio: Spread | undefined
  aim: Aim | undefined
  /** Whether the median meets the aim. */
  isMet: boolean | undefined
}

/** What is to be filled with the rounds of a work. */
export function emptyResult ({ name, about, figures }: Work, sides: readonly Side[]): WorkResult {
  return {
    name,
    about,
    figures,
    sides: sides.map(({ label, isLimit = false, aims = {} }) => ({ label, isLimit, aims, rounds: [] }))
  }
}

/** The lines of the table, in the order of the figures and the sides. */
export function rowsOf ({ name, figures, sides }: WorkResult): Row[] {
  return Object.entries(figures).flatMap(([figure, unit]) => sides.map((side) => {
    const values = valuesOf(side, figure)
    const ours = valuesOf(sides[0]!, figure)
    const isOurs = side === sides[0]
    const ratio = isOurs ? undefined : spread(values.map((value, round) => ours[round]! / value))
    const median = spread(values).median
    const aim = side.aims[figure]
    const judged = aim == null ? undefined : { ratio: ratio?.median ?? median, more: spread(ours).median - median }

    return {
      work: name, figure, unit, label: side.label, isOurs, isLimit: side.isLimit, median, ratio, aim,
      isMet: judged == null ? undefined : meets(aim!, judged)
    }
  }))
}

/** What an aim is about: ours as a multiple of the other, or by itself, and how much more it is. */
interface Judged { ratio: number, more: number }

function meets ({ atLeast, atMost, atMostMore }: Aim, { ratio, more }: Judged): boolean {
  return (atLeast == null || ratio >= atLeast) && (atMost == null || ratio <= atMost) && (atMostMore == null || more <= atMostMore)
}

function valuesOf ({ rounds, label }: SideResult, figure: string): number[] {
  return rounds.map((figures) => {
    const value = figures[figure]

    if (value == null || !Number.isFinite(value)) {
      throw new Error(`${label} has no ${figure}`)
    }

    return value
  })
}

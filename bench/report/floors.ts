import { rowsOf } from './results.ts'
import type { BenchmarkResult, Row } from './results.ts'

/** How far a ratio may go. By the names of the benchmarks, then of the figures, then of the contenders that ours is a multiple of. */
export type Floors = Record<string, Record<string, Record<string, Bound>>>

/** One of these: a floor, or a ceiling for what is better when it is less. */
export interface Bound { atLeast?: number, atMost?: number }

/** One comparison. */
export interface Verdict {
  benchmark: string
  figure: string
  label: string
  ratio: number
  bound: Bound
  isMet: boolean
}

/** Compares the ratios of a benchmark with the floors for it. Throws for one that was not measured: nothing is left out unseen. */
export function judge (result: BenchmarkResult, floors: Floors): Verdict[] {
  const rows = rowsOf(result)

  return Object.entries(floors[result.name] ?? {}).flatMap(([figure, contenders]) => Object.entries(contenders).map(([label, bound]) => {
    const ratio = find(rows, figure, label)?.ratio?.median

    if (ratio == null) {
      throw new Error(`There is a floor for the ${figure} of ${result.name} beside ${label}, which was not measured`)
    }

    return { benchmark: result.name, figure, label, ratio, bound, isMet: isWithin(ratio, bound) }
  }))
}

/** A comparison as the cells of a line. */
export function cellsOfVerdict ({ benchmark, figure, label, ratio, bound, isMet }: Verdict): string[] {
  const wanted = bound.atLeast == null ? `≤ ${bound.atMost ?? ''}` : `≥ ${bound.atLeast}`

  return [benchmark, figure, label, ratio.toPrecision(3), wanted, isMet ? 'ok' : 'OUT OF BOUNDS']
}

function find (rows: readonly Row[], figure: string, label: string): Row | undefined {
  return rows.find((row) => row.figure === figure && row.label === label)
}

function isWithin (ratio: number, { atLeast, atMost }: Bound): boolean {
  return (atLeast == null || ratio >= atLeast) && (atMost == null || ratio <= atMost)
}

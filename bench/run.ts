import { cpus } from 'node:os'
import { emptyResult } from './results.ts'
import { formatValue } from './table.ts'
import type { Results, WorkResult } from './results.ts'
import type { Scale, Side, Work } from './work.ts'

/** Enough for figures that are to be looked at, and for those that a guard looks at. */
export const FULL: Scale = { isQuick: false, warmUp: 2000, measured: 4000 }
export const QUICK: Scale = { isQuick: true, warmUp: 250, measured: 600 }

/** How a work is run. */
export interface RunOptions {
  scale: Scale
  rounds: number
  /** Told what is under way. */
  onProgress: (line: string) => void
}

/** Runs works one after another, the sides of each in turn, and what came first in one round last in the next. */
export async function runAll (works: readonly Work[], options: RunOptions): Promise<Results> {
  const results: Results = {
    date: new Date().toISOString(),
    node: process.version,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    isQuick: options.scale.isQuick,
    works: []
  }

  for (const work of works) {
    results.works.push(await runWork(work, options))
  }

  return results
}

/** Runs one work. */
export async function runWork (work: Work, { scale, rounds, onProgress }: RunOptions): Promise<WorkResult> {
  const sides = work.sides.filter(({ isQuick = true }) => isQuick || !scale.isQuick)
  const result = emptyResult(work, sides)
  const [figure = '', unit = 'ms'] = Object.entries(work.figures)[0] ?? []

  for (let round = 0; round < Math.min(rounds, work.maxRounds ?? Infinity); round++) {
    const order = sides.map((side, index) => ({ side, index }))

    for (const { side, index } of round % 2 === 0 ? order : order.reverse()) {
      const figures = await measure(work, side, scale)
      result.sides[index]!.rounds[round] = figures
      onProgress(`${work.name}, round ${round + 1}: ${side.label}: ${formatValue(figures[figure]!, unit)}`)
    }
  }

  return result
}

async function measure (work: Work, side: Side, scale: Scale): Promise<Record<string, number>> {
  try {
    return await side.measure(scale)
  } catch (err) {
    throw new Error(`${work.name}, ${side.label}: it failed`, { cause: err })
  }
}

import { cpus } from 'node:os'
import { emptyResult } from './report/results.ts'
import { formatValue } from './report/table.ts'
import type { Benchmark, Contender, Scale } from './benchmark.ts'
import type { BenchmarkResult, Results } from './report/results.ts'

/** Enough for figures that are to be looked at, and for those that a guard looks at. */
export const FULL: Scale = { isQuick: false, warmUp: 1500, measured: 2500 }
export const QUICK: Scale = { isQuick: true, warmUp: 250, measured: 600 }

/** How a benchmark is run. */
export interface RunOptions {
  scale: Scale
  rounds: number
  /** Told what is under way. */
  onProgress: (line: string) => void
}

/** Runs benchmarks one after another, the contenders of each in turn, and what came first in one round last in the next. */
export async function runAll (benchmarks: readonly Benchmark[], options: RunOptions): Promise<Results> {
  const results: Results = {
    date: new Date().toISOString(),
    node: process.version,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    isQuick: options.scale.isQuick,
    benchmarks: []
  }

  for (const benchmark of benchmarks) {
    const missing = await benchmark.lacks?.()

    if (missing != null) {
      options.onProgress(`${benchmark.name}: left out, no ${missing}`)
      continue
    }

    results.benchmarks.push(await runBenchmark(benchmark, options))
  }

  return results
}

/** Runs one benchmark. */
export async function runBenchmark (benchmark: Benchmark, { scale, rounds, onProgress }: RunOptions): Promise<BenchmarkResult> {
  const contenders = benchmark.contenders.filter(({ isQuick = true }) => isQuick || !scale.isQuick)
  const result = emptyResult(benchmark, contenders)
  const [figure = '', unit = 'ms'] = Object.entries(benchmark.figures)[0] ?? []

  for (let round = 0; round < Math.min(rounds, benchmark.maxRounds ?? Infinity); round++) {
    const order = contenders.map((contender, index) => ({ contender, index }))

    for (const { contender, index } of round % 2 === 0 ? order : order.reverse()) {
      const figures = await measure(benchmark, contender, scale)
      result.contenders[index]!.rounds[round] = figures
      onProgress(`${benchmark.name}, round ${round + 1}: ${contender.label}: ${formatValue(figures[figure]!, unit)}`)
    }
  }

  return result
}

async function measure (benchmark: Benchmark, contender: Contender, scale: Scale): Promise<Record<string, number>> {
  try {
    return await contender.measure(scale)
  } catch (err) {
    throw new Error(`${benchmark.name}, ${contender.label}: it failed`, { cause: err })
  }
}

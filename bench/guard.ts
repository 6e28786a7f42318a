import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { BENCHMARKS } from './benchmarks.ts'
import { cellsOfVerdict, judge } from './report/floors.ts'
import { alignColumns } from './report/table.ts'
import { QUICK, runBenchmark } from './run.ts'
import type { Benchmark } from './benchmark.ts'
import type { Floors, Verdict } from './report/floors.ts'

const FLOORS = new URL('./floors.json', import.meta.url)

/** A ratio that is out of bounds is measured again, with as many rounds: something else may have been under way. */
const SECOND_ROUNDS = 3

const HELP = `npm run bench:guard

A quick run of the benchmarks that bench/floors.json names, of which it compares ratios, and never times. Exits with 1 where one is
out of bounds by a median of ${SECOND_ROUNDS} more rounds too.`

const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h' } } })

if (values.help === true) {
  console.log(HELP)
} else {
  process.exitCode = await guard() ? 0 : 1
}

async function guard (): Promise<boolean> {
  const floors = JSON.parse(await readFile(FLOORS, 'utf8')) as Floors
  const verdicts: Verdict[] = []

  for (const name of Object.keys(floors)) {
    const benchmark = BENCHMARKS.find((benchmark) => benchmark.name === name)

    if (benchmark == null) {
      throw new Error(`There is a floor for ${name}, which is no benchmark`)
    }

    verdicts.push(...await verdictsOn(benchmark, floors))
  }

  console.log(alignColumns([['benchmark', 'figure', 'ours as a multiple of', 'ratio', 'bound', ''], ...verdicts.map(cellsOfVerdict)]))

  return verdicts.every(({ isMet }) => isMet)
}

async function verdictsOn (benchmark: Benchmark, floors: Floors): Promise<Verdict[]> {
  const run = async (rounds: number): Promise<Verdict[]> => judge(
    await runBenchmark(benchmark, { scale: QUICK, rounds, onProgress: (line) => { console.error(line) } }), floors
  )

  const verdicts = await run(1)

  return verdicts.every(({ isMet }) => isMet) ? verdicts : run(SECOND_ROUNDS)
}

import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { BENCHMARKS } from './benchmarks.ts'
import { rowsOf } from './report/results.ts'
import { textTable } from './report/table.ts'
import { FULL, QUICK, runAll } from './run.ts'
import type { Benchmark } from './benchmark.ts'

const HELP = `npm run bench -- [--only NAME]... [--quick] [--rounds N] [--json FILE]

  --only NAME  one of the benchmarks below instead of all of them; may be given more than once
  --quick      one short round of those with a *, without the contenders that take long: under a minute for all
  --rounds N   interleaved rounds (default 5)
  --json FILE  writes the results to FILE, for npm run bench:chart

${BENCHMARKS.map(({ name, about, isQuick = true }) => `  ${`${name}${isQuick ? '*' : ''}`.padEnd(20)} ${about}`).join('\n')}

Over TCP + Noise + Yamux on loopback, each program in a process of its own. Compare ratios within a run; absolute numbers
say as much about the machine. docs/internals/performance.md says more.`

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h' },
    only: { type: 'string', multiple: true },
    quick: { type: 'boolean' },
    rounds: { type: 'string' },
    json: { type: 'string' }
  }
})

if (values.help === true) {
  console.log(HELP)
  process.exit()
}

const isQuick = values.quick === true
const rounds = Number(values.rounds ?? (isQuick ? 1 : 5))

if (!Number.isInteger(rounds) || rounds < 1) {
  fail(`Expected --rounds to be a whole number from 1, got ${String(values.rounds)}`)
}

const results = await runAll(chosen(values.only), {
  scale: isQuick ? QUICK : FULL, rounds, onProgress: (line) => { console.error(line) }
})

console.log(textTable(results.benchmarks.flatMap(rowsOf)))

if (values.json != null) {
  await writeFile(values.json, JSON.stringify(results, undefined, 2) + '\n')
}

function chosen (names: readonly string[] | undefined): Benchmark[] {
  if (names == null) {
    return BENCHMARKS.filter((benchmark) => !isQuick || benchmark.isQuick !== false)
  }

  return names.map((name) => {
    const benchmark = BENCHMARKS.find((benchmark) => benchmark.name === name)

    return benchmark ?? fail(`Expected --only to be one of ${BENCHMARKS.map(({ name }) => name).join(', ')}, got ${name}`)
  })
}

function fail (message: string): never {
  console.error(message)
  process.exit(2)
}

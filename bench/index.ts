import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { measureRate } from './measure.ts'
import { WORKS } from './works.ts'
import type { Duration } from './measure.ts'
import type { Work } from './works.ts'

const HELP = `npm run bench -- [--only NAME] [--quick] [--rounds N] [--json FILE]

  --only NAME  one of the works below instead of all of them
  --quick      one short round, under a minute for each
  --rounds N   interleaved rounds (default 5)
  --json FILE  writes the results to FILE

${WORKS.map(({ name, about }) => `  ${name.padEnd(16)} ${about}`).join('\n')}

Over TCP + Noise + Yamux on loopback, each half in a process of its own. Compare ratios within a run; absolute numbers
say as much about the machine.`

interface Result { name: string, aim: number, duration: Duration, results: { ours: number, other: number }[], ratios: number[] }

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h' },
    only: { type: 'string' },
    quick: { type: 'boolean' },
    rounds: { type: 'string' },
    json: { type: 'string' }
  }
})

if (values.help === true) {
  console.log(HELP)
  process.exit()
}

const rounds = Number(values.rounds ?? (values.quick === true ? 1 : 5))

if (!Number.isInteger(rounds) || rounds < 1) {
  fail(`Expected --rounds to be a whole number from 1, got ${String(values.rounds)}`)
}

const works = WORKS.filter(({ name }) => values.only == null || name === values.only)

if (works.length === 0) {
  fail(`Expected --only to be one of ${WORKS.map(({ name }) => name).join(', ')}, got ${String(values.only)}`)
}

const duration = values.quick === true ? { warmUp: 1000, measured: 2000 } : { warmUp: 2000, measured: 4000 }
const results: Result[] = []

for (const work of works) {
  results.push(await run(work, duration))
}

if (values.json != null) {
  await writeFile(values.json, JSON.stringify({ node: process.version, works: results }, undefined, 2) + '\n')
}

function fail (message: string): never {
  console.error(message)
  process.exit(2)
}

/** Measures one work, its two sides in turn. */
async function run ({ name, unit, ours, other, patience = 1, aim }: Work, { warmUp, measured }: Duration): Promise<Result> {
  const duration = { warmUp: patience * warmUp, measured: patience * measured }
  const result: Result = { name, aim, duration, results: [], ratios: [] }
  const show = (rate: number): string => unit === 'bytes' ? `${(rate / 1e6).toFixed(1)} MB/s` : `${Math.round(rate).toLocaleString('en')} ${unit}/s`

  for (let round = 1; round <= rounds; round++) {
    const rates = { other: await measureRate(other, duration), ours: await measureRate(ours, duration) }
    result.results.push(rates)
    const ratio = (rates.ours / rates.other).toFixed(2)
    console.log(`${name}, round ${round}: ${ours.label} ${show(rates.ours)}, ${other.label} ${show(rates.other)}, ratio ${ratio}`)
  }

  result.ratios = result.results.map(({ ours, other }) => ours / other).sort((a, b) => a - b)
  const [min, median, max] = [0, Math.floor(rounds / 2), rounds - 1].map((place) => result.ratios[place]!.toFixed(2))
  console.log(`${name}: ratio: median ${median}, min ${min}, max ${max} (aim: at least ${aim})`)

  return result
}

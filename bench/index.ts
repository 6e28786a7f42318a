import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { rowsOf } from './results.ts'
import { FULL, QUICK, runAll } from './run.ts'
import { textTable } from './table.ts'
import { WORKS } from './works.ts'
import type { Work } from './work.ts'

const HELP = `npm run bench -- [--only NAME]... [--quick] [--rounds N] [--json FILE]

  --only NAME  one of the works below instead of all of them; may be given more than once
  --quick      one short round of those with a *, without the sides that take long: under a minute for all
  --rounds N   interleaved rounds (default 5)
  --json FILE  writes the results to FILE, for npm run bench:chart

${WORKS.map(({ name, about, isQuick = true }) => `  ${`${name}${isQuick ? '*' : ''}`.padEnd(20)} ${about}`).join('\n')}

Over TCP + Noise + Yamux on loopback, each part in a process of its own. Compare ratios within a run; absolute numbers
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

console.log(textTable(results.works.flatMap(rowsOf)))

if (values.json != null) {
  await writeFile(values.json, JSON.stringify(results, undefined, 2) + '\n')
}

function chosen (names: readonly string[] | undefined): Work[] {
  if (names == null) {
    return WORKS.filter((work) => !isQuick || work.isQuick !== false)
  }

  return names.map((name) => {
    const work = WORKS.find((work) => work.name === name)

    return work ?? fail(`Expected --only to be one of ${WORKS.map(({ name }) => name).join(', ')}, got ${name}`)
  })
}

function fail (message: string): never {
  console.error(message)
  process.exit(2)
}

import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { cellsOfVerdict, judge } from './floors.ts'
import { QUICK, runWork } from './run.ts'
import { alignColumns } from './table.ts'
import { WORKS } from './works.ts'
import type { Floors, Verdict } from './floors.ts'
import type { Work } from './work.ts'

const FLOORS = new URL('./floors.json', import.meta.url)

/** A ratio that is out of bounds is measured again, with as many rounds: something else may have been under way. */
const SECOND_ROUNDS = 3

const HELP = `npm run bench:guard

A quick run of the works that bench/floors.json names, of which it compares ratios, and never times. Exits with 1 where one is
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
    const work = WORKS.find((work) => work.name === name)

    if (work == null) {
      throw new Error(`There is a floor for ${name}, which is no work`)
    }

    verdicts.push(...await verdictsOn(work, floors))
  }

  console.log(alignColumns([['work', 'figure', 'ours as a multiple of', 'ratio', 'bound', ''], ...verdicts.map(cellsOfVerdict)]))

  return verdicts.every(({ isMet }) => isMet)
}

async function verdictsOn (work: Work, floors: Floors): Promise<Verdict[]> {
  const run = async (rounds: number): Promise<Verdict[]> => judge(
    await runWork(work, { scale: QUICK, rounds, onProgress: (line) => { console.error(line) } }), floors
  )

  const verdicts = await run(1)

  return verdicts.every(({ isMet }) => isMet) ? verdicts : run(SECOND_ROUNDS)
}

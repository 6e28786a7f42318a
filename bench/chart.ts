import { readFile, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { chartSvg } from './report/chart-svg.ts'
import { withResults } from './report/document.ts'
import type { Results } from './report/results.ts'

const RESULTS = new URL('./results.json', import.meta.url)
const CHART = new URL('../docs/internals/performance.svg', import.meta.url)
const DOCUMENT = new URL('../docs/internals/performance.md', import.meta.url)

const HELP = `npm run bench:chart -- [FILE]

Draws results that npm run bench -- --json FILE has written as docs/internals/performance.svg, and puts their table into
docs/internals/performance.md. Without FILE they are those of bench/results.json.`

const { values, positionals } = parseArgs({ options: { help: { type: 'boolean', short: 'h' } }, allowPositionals: true })

if (values.help === true) {
  console.log(HELP)
} else {
  const results = JSON.parse(await readFile(positionals[0] ?? RESULTS, 'utf8')) as Results
  const document = withResults(await readFile(DOCUMENT, 'utf8'), results)
  await writeFile(CHART, chartSvg(results))
  await writeFile(DOCUMENT, document)
}

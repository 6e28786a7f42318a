import { rowsOf } from './results.ts'
import { markdownTable } from './table.ts'
import type { Results } from './results.ts'

const BEGIN = '<!-- results: written by npm run bench:chart, not by hand -->'
const END = '<!-- /results -->'

/** Puts the table of the results into a document, between its two marks. Throws where they are not there. */
export function withResults (document: string, results: Results): string {
  const begin = document.indexOf(BEGIN)
  const end = document.indexOf(END)

  if (begin === -1 || end < begin) {
    throw new Error(`Expected a document with the lines ${BEGIN} and ${END}`)
  }

  return `${document.slice(0, begin + BEGIN.length)}\n${describe(results)}\n${document.slice(end)}`
}

function describe ({ benchmarks, node, cpu, cores, date, isQuick }: Results): string {
  const counts = benchmarks.flatMap(({ contenders }) => contenders.map(({ rounds }) => rounds.length))
  const [least, most] = [Math.min(...counts), Math.max(...counts)]
  const rounds = `${least === most ? most : `${least} to ${most}`} round${most === 1 ? '' : 's'}`

  return `${isQuick ? 'A quick run' : 'A run'} of ${rounds} on ${date.slice(0, 10)}: ${cpu}, ${cores} cores, Node.js ${node}.\n\n${markdownTable(benchmarks.flatMap(rowsOf))}\n`
}

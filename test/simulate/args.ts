import { parseArgs } from 'node:util'
import { SCENARIOS } from './scenarios/index.ts'

/** Stories that a run of the properties tells unless it is told otherwise. */
const RUNS = 100

const NAMES = Object.keys(SCENARIOS)

/** What `npm run simulate -- --help` prints. */
export const HELP: string = [
  'Runs the real service of many nodes on virtual time. The same seed gives the same result.',
  '',
  'npm run simulate -- SCENARIO [options]',
  'npm run simulate -- properties [--seeds COUNT] [--seed NUMBER] [--path PATH] [--json]',
  '',
  ...NAMES.map((name) => `  ${name.padEnd(14)}${SCENARIOS[name]!.about}`),
  `  ${'properties'.padEnd(14)}random stories: every honest node gets every block, none is banned, slots hold`,
  '',
  '  --seed NUMBER   what all chance comes from, 1 by default',
  '  --nodes NUMBER  how many nodes, for a scenario',
  '  --seeds COUNT   how many stories, 100 by default',
  '  --path PATH     runs one story of a seed again, as a failure says',
  '  --svg FILE      writes the chart of a scenario',
  '  --json          prints the result as JSON'
].join('\n')

/** What is to be run. */
export interface SimulateArgs {
  name: string
  seed: number
  nodes: number | undefined
  runs: number
  path: string | undefined
  svg: string | undefined
  isJson: boolean
}

/** Reads the arguments; `undefined` where the help is asked for. Throws an Error that says what is wrong. */
export function readArgs (args: readonly string[]): SimulateArgs | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      seed: { type: 'string' },
      nodes: { type: 'string' },
      seeds: { type: 'string' },
      path: { type: 'string' },
      svg: { type: 'string' },
      json: { type: 'boolean' }
    }
  })
  const [name, ...more] = positionals

  if (values.help === true) {
    return undefined
  }

  if (name == null || more.length > 0 || !(name === 'properties' || NAMES.includes(name))) {
    throw new Error(`Expected one of ${[...NAMES, 'properties'].join(', ')}, got ${name ?? 'nothing'}. --help says what they are.`)
  }

  return {
    name,
    seed: numberOf('seed', values.seed) ?? 1,
    nodes: numberOf('nodes', values.nodes),
    runs: numberOf('seeds', values.seeds) ?? RUNS,
    path: values.path,
    svg: values.svg,
    isJson: values.json === true
  }
}

function numberOf (name: string, text: string | undefined): number | undefined {
  if (text != null && !/^[1-9]\d{0,8}$/.test(text)) {
    throw new Error(`Expected --${name} to be a whole number from 1 on, got ${text}`)
  }

  return text == null ? undefined : Number(text)
}

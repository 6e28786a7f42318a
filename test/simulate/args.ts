import { parseArgs } from 'node:util'
import { SCENARIOS } from './scenarios/index.ts'

/** Stories that a run of the properties tells unless it is told otherwise. */
const RUNS = 100

/** The name of the random stories, which are no scenario. */
export const PROPERTIES = 'properties'

const NAMES = [...Object.keys(SCENARIOS), PROPERTIES]
const ABOUT_PROPERTIES = 'random stories: every honest node gets every block, none is banned, slots hold'
const WIDTH = 100

/** What `npm run simulate -- --help` prints. */
export const HELP: string = [
  'Runs the real service of many nodes on virtual time. The same seed gives the same result.',
  '',
  'npm run simulate -- SCENARIO... [options]',
  `npm run simulate -- ${PROPERTIES} [--seeds COUNT] [--seed NUMBER] [--path PATH] [--json]`,
  'npm run simulate -- SCENARIO --help',
  '',
  ...Object.entries(SCENARIOS).map(([name, { about }]) => `  ${name.padEnd(16)}${about}`),
  `  ${PROPERTIES.padEnd(16)}${ABOUT_PROPERTIES}`,
  '',
  '  --only NAME     the same as the name alone; may be given more than once',
  '  --seed NUMBER   what all chance comes from, 1 by default',
  '  --nodes NUMBER  how many nodes, for a scenario',
  `  --seeds COUNT   how many stories, ${RUNS} by default`,
  '  --path PATH     runs one story of a seed again, as a failure says',
  '  --svg FILE      writes the chart of a scenario',
  '  --json          prints each result as a line of JSON',
  '',
  'Ends with 1 where something does not hold, and with 2 where it cannot run.'
].join('\n')

/** What is to be run. */
export interface SimulateArgs {
  names: string[]
  seed: number
  nodes: number | undefined
  runs: number
  path: string | undefined
  svg: string | undefined
  isJson: boolean
}

/** Reads the arguments; the text of the help where that is asked for. Throws an Error that says what is wrong. */
export function readArgs (args: readonly string[]): SimulateArgs | string {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      only: { type: 'string', multiple: true },
      seed: { type: 'string' },
      nodes: { type: 'string' },
      seeds: { type: 'string' },
      path: { type: 'string' },
      svg: { type: 'string' },
      json: { type: 'boolean' }
    }
  })
  const names = [...positionals, ...values.only ?? []]
  const wrong = names.find((name) => !NAMES.includes(name))

  if (wrong != null || (names.length === 0 && values.help !== true)) {
    throw new Error(`Expected one of ${NAMES.join(', ')}, got ${wrong ?? 'nothing'}. --help says what they are.`)
  }

  if (values.help === true) {
    return names.length === 0 ? HELP : names.map(helpOf).join('\n\n')
  }

  if (values.svg != null && (names.length > 1 || names.includes(PROPERTIES))) {
    throw new Error(`Expected one scenario with --svg, got ${names.join(', ')}`)
  }

  return {
    names,
    seed: numberOf('seed', values.seed) ?? 1,
    nodes: numberOf('nodes', values.nodes),
    runs: numberOf('seeds', values.seeds) ?? RUNS,
    path: values.path,
    svg: values.svg,
    isJson: values.json === true
  }
}

function helpOf (name: string): string {
  const scenario = SCENARIOS[name]

  return scenario == null
    ? `${name}: ${ABOUT_PROPERTIES}\n\n${wrap('A story is a network with a few bad nodes, and what happens to it. One that fails is made smaller until nothing can be left out.')}`
    : `${name}: ${scenario.about}\n\n${wrap(scenario.details)}\n\n${scenario.nodes} nodes, unless --nodes says otherwise.`
}

/** Breaks a text into lines. */
function wrap (text: string): string {
  return text.replace(new RegExp(`(.{1,${WIDTH}})(?: |$)`, 'g'), '$1\n').trimEnd()
}

function numberOf (name: string, text: string | undefined): number | undefined {
  if (text != null && !/^[1-9]\d{0,8}$/.test(text)) {
    throw new Error(`Expected --${name} to be a whole number from 1 on, got ${text}`)
  }

  return text == null ? undefined : Number(text)
}

import { writeFile } from 'node:fs/promises'
import { PROPERTIES, readArgs } from './args.ts'
import { checkStories } from './properties/properties.ts'
import { resultSvg, resultText } from './result.ts'
import { SCENARIOS } from './scenarios/index.ts'
import type { SimulateArgs } from './args.ts'

const INTERRUPTED = 130

const interrupt = new AbortController()
process.once('SIGINT', () => { interrupt.abort(new Error('interrupted')) })
process.once('SIGTERM', () => { interrupt.abort(new Error('interrupted')) })
process.exitCode = await main()

async function main (): Promise<number> {
  let args: SimulateArgs | string

  try {
    args = readArgs(process.argv.slice(2))
  } catch (err) {
    console.error((err as Error).message)
    return 2
  }

  if (typeof args === 'string') {
    console.log(args)
    return 0
  }

  let failed = 0

  for (const name of args.names) {
    const code = await run(name, args)
    failed = Math.max(failed, code)

    if (code === INTERRUPTED) {
      break
    }
  }

  return failed
}

async function run (name: string, args: SimulateArgs): Promise<number> {
  const { seed, nodes } = args

  try {
    return await (name === PROPERTIES ? runProperties(args) : runScenario(name, args)) ? 0 : 1
  } catch (err) {
    progress('')

    if (interrupt.signal.aborted) {
      return INTERRUPTED
    }

    console.error(`${(err as Error).message}\nagain with: npm run simulate -- ${name} --seed ${seed}${nodes == null ? '' : ` --nodes ${nodes}`}`)
    return 1
  }
}

/** Whether everything holds that is to hold. */
async function runScenario (name: string, { seed, nodes, svg, isJson }: SimulateArgs): Promise<boolean> {
  const scenario = SCENARIOS[name]!
  const result = await scenario.run({
    seed,
    nodes: nodes ?? scenario.nodes,
    signal: interrupt.signal,
    onProgress: (what, at) => { progress(`${name}, ${what}: ${(at / 1000).toFixed(0)} s of virtual time`) }
  })
  progress('')
  console.log(isJson ? JSON.stringify({ scenario: name, seed, ...result }) : resultText(result))

  if (svg != null) {
    await writeFile(svg, resultSvg(result))
  }

  return (result.aims ?? []).every(({ isMet }) => isMet)
}

/** Whether all properties hold. */
async function runProperties ({ seed, runs, path, isJson }: SimulateArgs): Promise<boolean> {
  const outcome = await checkStories({
    seed, runs, path, signal: interrupt.signal, onStory: (count) => { progress(`story ${count} of ${runs}`) }
  })
  progress('')
  interrupt.signal.throwIfAborted()
  const { failure } = outcome

  if (isJson) {
    console.log(JSON.stringify(outcome))
  } else if (failure == null) {
    console.log(`${outcome.runs} stories of seed ${seed}: all properties hold`)
  } else {
    console.log(`${failure.error}\n\n${JSON.stringify(failure.story, undefined, 1)}\n`)
    console.log(`again with: npm run simulate -- properties --seed ${failure.seed} --path ${failure.path}`)
  }

  return failure == null
}

/** Writes over the line of a terminal. */
function progress (text: string): void {
  if (process.stderr.isTTY) {
    process.stderr.write(`\r\x1b[K${text}`)
  }
}

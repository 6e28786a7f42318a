import { writeFile } from 'node:fs/promises'
import { HELP, readArgs } from './args.ts'
import { checkStories } from './properties.ts'
import { resultSvg, resultText } from './result.ts'
import { SCENARIOS } from './scenarios/index.ts'
import type { SimulateArgs } from './args.ts'

const INTERRUPTED = 130

const interrupt = new AbortController()
process.once('SIGINT', () => { interrupt.abort(new Error('interrupted')) })
process.once('SIGTERM', () => { interrupt.abort(new Error('interrupted')) })
process.exitCode = await main()

async function main (): Promise<number> {
  let args: SimulateArgs | undefined

  try {
    args = readArgs(process.argv.slice(2))
  } catch (err) {
    console.error((err as Error).message)
    return 2
  }

  if (args == null) {
    console.log(HELP)
    return 0
  }

  try {
    return args.name === 'properties' ? await runProperties(args) : await runScenario(args)
  } catch (err) {
    progress('')

    if (interrupt.signal.aborted) {
      return INTERRUPTED
    }

    console.error(`${(err as Error).message}\nagain with: npm run simulate -- ${args.name} --seed ${args.seed}${args.nodes == null ? '' : ` --nodes ${args.nodes}`}`)
    return 1
  }
}

async function runScenario ({ name, seed, nodes, svg, isJson }: SimulateArgs): Promise<number> {
  const result = await SCENARIOS[name]!.run({
    seed, nodes, signal: interrupt.signal, onProgress: (what, at) => { progress(`${what}: ${(at / 1000).toFixed(0)} s of virtual time`) }
  })
  progress('')
  console.log(isJson ? JSON.stringify({ scenario: name, seed, ...result }) : resultText(result))

  if (svg != null) {
    await writeFile(svg, resultSvg(result))
  }

  return 0
}

async function runProperties ({ seed, runs, path, isJson }: SimulateArgs): Promise<number> {
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

  return failure == null ? 0 : 1
}

/** Writes over the line of a terminal. */
function progress (text: string): void {
  if (process.stderr.isTTY) {
    process.stderr.write(`\r\x1b[K${text}`)
  }
}

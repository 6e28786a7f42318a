import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HELP, readArgs } from './args.ts'
import { runChaos } from './chaos.ts'
import { Fleet } from './fleet.ts'
import { planIncidents } from './plan.ts'
import { reportChaos } from './report.ts'
import { killProcesses } from '../integration/node-process.ts'
import { removeOlderTree } from '../support/older-tree.ts'
import type { ChaosOptions } from './args.ts'

const INTERRUPTED = 130

const options = readOptions()
const interrupt = new AbortController()
const problems = new Set<string>()

const startedAt = performance.now()

process.once('SIGINT', () => { interrupt.abort() })
process.once('SIGTERM', () => { interrupt.abort() })
process.exitCode = await main()

function readOptions (): ChaosOptions {
  try {
    const options = readArgs(process.argv.slice(2))

    if (options != null) {
      return options
    }

    console.log(HELP)
    process.exit(0)
  } catch (err) {
    console.error((err as Error).message)
    process.exit(2)
  }
}

function onProblem (problem: string): void {
  if (!problems.has(problem) && !interrupt.signal.aborted) {
    print(`PROBLEM ${problem}`)
    problems.add(problem)
  }
}

/** With how long the run has taken so far. */
function print (line: string): void {
  console.log(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(6)}  ${line}`)
}

async function main (): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'vibecoin-chaos-'))
  let fleet: Fleet | undefined
  console.log(`seed ${options.seed}: ${options.nodes} nodes, ${options.older} of them older, ${options.seconds} s`)

  try {
    fleet = await Fleet.start({ nodes: options.nodes, older: options.older, directory, onProblem })
    const plan = planIncidents(options)
    const result = await runChaos({ fleet, plan, options, signal: interrupt.signal, print })
    console.log(`\n${reportChaos(fleet, result)}`)
    await fleet.stop()
    print('all nodes have stopped')
  } catch (err) {
    onProblem((err as Error).message)
  } finally {
    await killProcesses()
    await fleet?.close()
    removeOlderTree()
    await rm(directory, { recursive: true, force: true, maxRetries: 10 })
  }

  if (interrupt.signal.aborted) {
    return INTERRUPTED
  }

  console.log(problems.size === 0 ? 'all is well' : `${problems.size} problems; again with --nodes ${options.nodes} --older ${options.older} --seconds ${options.seconds} --seed ${options.seed}`)

  return problems.size === 0 ? 0 : 1
}

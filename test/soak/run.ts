import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { HELP, readArgs } from './args.ts'
import { reportSoak, sampleHead, sampleLine, shortfall } from './report.ts'
import { judge } from './verdict.ts'
import type { SoakOptions } from './args.ts'
import type { SoakSample } from './sample.ts'

const INTERRUPTED = 130
const MIN_SAMPLES = 4

const options = readOptions()
const samples: SoakSample[] = []
let isInterrupted = false
let errors = ''

console.log(`seed ${options.seed}: ${options.minutes} minutes\n${sampleHead()}`)
const worker = fork(fileURLToPath(new URL('./worker.ts', import.meta.url)), [JSON.stringify(options)], {
  execArgv: ['--expose-gc'], stdio: ['ignore', 'inherit', 'pipe', 'ipc']
})

worker.on('message', (sample) => {
  samples.push(sample as SoakSample)
  console.log(sampleLine(sample as SoakSample))
})
worker.stderr?.setEncoding('utf8').on('data', (chunk: string) => { errors += chunk })
process.on('SIGINT', onInterrupt)
process.on('SIGTERM', onInterrupt)

await once(worker, 'close')
process.off('SIGINT', onInterrupt)
process.off('SIGTERM', onInterrupt)
process.exitCode = finish()

function readOptions (): SoakOptions {
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

function onInterrupt (): void {
  isInterrupted = true
  worker.kill('SIGKILL')
}

function finish (): number {
  const problems = errors === '' ? [] : [errors.trim()]
  const verdicts = samples.length < MIN_SAMPLES ? [] : judge(samples)

  if (verdicts.length > 0) {
    console.log(`\n${reportSoak(verdicts)}`)
  }

  if (isInterrupted) {
    return INTERRUPTED
  }

  if (worker.exitCode !== 0) {
    problems.push(`it ended with ${worker.exitCode ?? worker.signalCode}`)
  }

  problems.push(...samples.length < MIN_SAMPLES ? ['there are too few measurements'] : shortfall(samples.at(-1)!, options.minutes))
  problems.push(...verdicts.filter(({ isFlat }) => !isFlat).map(({ bound }) => `${bound.label} rise`))
  problems.forEach((problem) => { console.log(`PROBLEM ${problem}`) })
  console.log(problems.length === 0 ? 'all is flat' : `${problems.length} problems`)

  return problems.length === 0 ? 0 : 1
}

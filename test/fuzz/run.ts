import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { HELP, readArgs } from './args.ts'
import { saveInputs, toHex } from './seeds.ts'
import { SharedInput } from './shared-input.ts'
import { Standstill } from './standstill.ts'
import { TARGETS } from './targets/index.ts'
import type { FuzzOptions } from './args.ts'
import type { WorkerInit, WorkerMessage } from './worker.ts'

const FINDINGS = join(import.meta.dirname, 'findings')

/** An input that takes longer than this, in ms, is a finding. Most take less than one. */
const HANG_MS = 60_000

/** Between two lines of progress, in ms. */
const PROGRESS_MS = 5000

const MINUTE_MS = 60_000
const NAMES = TARGETS.map(({ name }) => name)

const options = readOptions()
const startedAt = performance.now()
const shared = new SharedInput()
const standstill = new Standstill(HANG_MS)
let findings = 0
let printedAt = 0

console.log(`seed ${options.seed}`)
const { minutes, ...rest } = options
const workerData: WorkerInit = { ...rest, buffer: shared.buffer }
const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData })

worker.on('message', (message: WorkerMessage) => {
  if (message.type === 'finding') {
    onFinding(message)
  } else if (message.type === 'corpus') {
    saveInputs(message.target, message.inputs)
  } else {
    onProgress(message)
  }
})
worker.on('error', (err: Error) => { onFinding({ ...inputAtHand(), report: `The thread ended: ${err.stack ?? err.message}` }) })
worker.on('exit', () => { end() })

const watch = setInterval(() => {
  const now = performance.now()

  if (standstill.check(shared.turn, now)) {
    onFinding({ ...inputAtHand(), report: `It does not end: more than ${HANG_MS} ms` })
    end()
  }

  if (now - startedAt > minutes * MINUTE_MS) {
    end()
  }
}, 250)

process.on('SIGINT', () => { end() })

function readOptions (): FuzzOptions {
  try {
    const options = readArgs(process.argv.slice(2), NAMES)

    if (options != null) {
      return options
    }

    console.log(HELP.replace('NAMES', NAMES.join(', ')))
    process.exit(0)
  } catch (err) {
    console.error((err as Error).message)
    process.exit(2)
  }
}

function inputAtHand (): { target: string, input: Uint8Array } {
  const { target, input } = shared.current

  return { target: NAMES[target] ?? '', input }
}

function onFinding ({ target, input, report }: { target: string, input: Uint8Array, report: string }): void {
  findings++
  const hex = toHex(input)
  const name = `${target}-${createHash('sha256').update(input).digest('hex').slice(0, 12)}.hex`
  mkdirSync(FINDINGS, { recursive: true })
  writeFileSync(join(FINDINGS, name), hex + '\n')
  console.log(`\n${target}: ${report}\n\n  node test/fuzz/run.ts --target ${target} --replay ${hex === '' ? '\'\'' : hex}\n\n  saved as test/fuzz/findings/${name}\n`)
}

function onProgress ({ type, runs, corpus, locations, seenPlaces }: Extract<WorkerMessage, { type: 'progress' | 'done' }>): void {
  const now = performance.now()

  if (type === 'done' || now - printedAt > PROGRESS_MS) {
    printedAt = now
    const perSecond = Math.round(runs / (now - startedAt) * 1000)
    console.log(`${runs} inputs, ${perSecond}/s, ${corpus} kept, ${seenPlaces} of ${locations} branches, ${findings} findings`)
  }
}

function end (): void {
  clearInterval(watch)
  process.exit(findings > 0 ? 1 : 0)
}

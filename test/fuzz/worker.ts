import { setImmediate } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { Coverage } from './coverage.ts'
import { Fuzzer } from './fuzzer.ts'
import { instrument } from './instrument.ts'
import { Random } from './random.ts'
import { SharedInput } from './shared-input.ts'

/** What the thread that runs the inputs is told. */
export interface WorkerInit {
  buffer: SharedArrayBuffer
  seed: number
  inputs: number
  /** By its name; all of them where there is none. */
  target: string | undefined
  /** One input to run, and nothing else. */
  replay: Uint8Array | undefined
  /** Whether the inputs that led somewhere are told at the end. */
  saveCorpus: boolean
}

/** What it says. */
export type WorkerMessage =
  | { type: 'progress' | 'done', runs: number, corpus: number, locations: number, seenPlaces: number }
  | { type: 'finding', target: string, input: Uint8Array, report: string }
  | { type: 'corpus', target: string, inputs: Uint8Array[] }

/** Between two reports, in ms. */
const PROGRESS_MS = 1000

/** How many inputs are run before each target has had its turn. */
const BATCH = 200

const { buffer, seed, inputs, target: only, replay, saveCorpus } = workerData as WorkerInit
const coverage = new Coverage()
instrument(coverage, new URL('../../src/', import.meta.url).href)
process.setSourceMapsEnabled(true)

// what is fuzzed has to come after what makes it count
const { TARGETS } = await import('./targets/index.ts')
const { savedInputs } = await import('./seeds.ts')
const shared = new SharedInput(buffer)
const random = new Random(seed)

const works = TARGETS.filter(({ name }) => only == null || name === only).map((target) => ({
  target,
  fuzzer: new Fuzzer({
    target,
    coverage,
    random,
    onInput: (input) => {
      shared.set(TARGETS.indexOf(target), input)
      // what is left to chance, such as when the next ping goes, is the same when the input is run again
      const chance = Random.of(input)
      Math.random = () => chance.fraction()
    },
    onFinding: ({ input, error }) => { tell({ type: 'finding', target: target.name, input, report: error.stack ?? String(error) }) }
  })
}))

let current = works[0]!.fuzzer
process.on('unhandledRejection', (err) => { current.onUncaught(err) })
process.on('uncaughtException', (err) => { current.onUncaught(err) })

let reportedAt = performance.now()
const shares = works.reduce((sum, { target }) => sum + target.share, 0)

for (const { target, fuzzer } of works) {
  current = fuzzer
  await fuzzer.start(replay == null ? [...target.seeds(), ...savedInputs(target.name)] : [replay])
}

while (isDue()) {
  for (const { target, fuzzer } of works) {
    current = fuzzer
    await turn(fuzzer, target.share)
  }

  if (performance.now() - reportedAt > PROGRESS_MS) {
    reportedAt = performance.now()
    report('progress')
  }
}

if (saveCorpus) {
  for (const { target, fuzzer } of works) {
    tell({ type: 'corpus', target: target.name, inputs: await fuzzer.distill() })
  }
}

await setImmediate()
report('done')

function isDue (): boolean {
  return replay == null && total() < inputs && works.some(({ fuzzer }) => !fuzzer.isDone)
}

async function turn (fuzzer: Fuzzer, share: number): Promise<void> {
  for (let left = Math.ceil(BATCH * share / shares); left > 0 && !fuzzer.isDone && total() < inputs; left--) {
    await fuzzer.step()
  }

  // nobody hears of a rejection before the loop turns
  await setImmediate()
}

function total (): number {
  return works.reduce((sum, { fuzzer }) => sum + fuzzer.runs, 0)
}

function report (type: 'progress' | 'done'): void {
  const corpus = works.reduce((sum, { fuzzer }) => sum + fuzzer.corpus.length, 0)
  tell({ type, runs: total(), corpus, locations: coverage.locations, seenPlaces: coverage.seenPlaces })
}

function tell (message: WorkerMessage): void {
  parentPort?.postMessage(message)
}

import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { HELP, readArgs } from './args.ts'
import { Differ } from './differ.ts'
import { verdictOf } from './judgement.ts'
import { PeerJudge } from './peer-judge.ts'
import { LANGUAGES, peerOf } from '../../../scripts/interop-peers.ts'
import { Random } from '../../fuzz/random.ts'
import { toHex } from '../../fuzz/seeds.ts'
import { FEATURES } from '../../../src/types/features.ts'
import { ruleOn } from '../../support/reference.ts'
import type { FuzzOptions } from './args.ts'
import type { Finding } from './differ.ts'
import type { Question } from './judgement.ts'

const FINDINGS = join(import.meta.dirname, 'findings')

/** Between two lines of progress, in ms. */
const PROGRESS_MS = 5000

const { inputs, seed, replay } = readOptions()
const judges = LANGUAGES.flatMap((language) => {
  const binary = peerOf(language)

  return binary == null ? [] : [new PeerJudge(language, binary)]
})

if (judges.length === 0) {
  console.error('There is no peer to compare with: scripts/build-interop.ts says why.')
  process.exit(2)
}

const differ = new Differ({ random: new Random(seed), judges, onFinding: report })
const began = performance.now()
let printedAt = began

if (replay == null) {
  console.log(`seed ${seed}: ours, ${judges.map(({ name }) => name).join(', ')}`)
  await differ.run(inputs, () => {
    if (performance.now() - printedAt > PROGRESS_MS) {
      printedAt = performance.now()
      printProgress()
    }
  })
  printProgress()
  printCounts()
} else {
  const { answers, about } = await differ.ask(replay)
  const names = ['ours', ...judges.map(({ name }) => name)]
  names.forEach((name, i) => { console.log(`${name}: ${verdictOf(answers[i]!)} ${i === 0 ? about : ''}\n  ${toHex(answers[i]!)}`) })
  console.log(`the text: ${rulingOf(replay)}`)
}

judges.forEach((judge) => { judge.end() })
process.exit(differ.findings > 0 ? 1 : 0)

function readOptions (): FuzzOptions {
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

function report ({ question, verdicts, about }: Finding): void {
  const hex = toHex(question.frame)
  const { isFeatured = false } = question
  const name = `${createHash('sha256').update(question.frame).digest('hex').slice(0, 12)}.hex`
  mkdirSync(FINDINGS, { recursive: true })
  writeFileSync(join(FINDINGS, name), `${question.isFirst ? 'before ' : isFeatured ? 'featured ' : ''}${hex}\n`)
  console.log([
    '',
    `${Object.entries(verdicts).map(([name, verdict]) => `${name}: ${verdict}`).join(', ')} (${about})`,
    `the text: ${rulingOf(question)}`,
    `  npm run fuzz:interop -- --replay ${hex.length > 2000 ? `$(cat test/interop/fuzz/findings/${name})` : hex}${question.isFirst ? ' --first' : isFeatured ? ' --featured' : ''}`,
    `  saved as test/interop/fuzz/findings/${name}`
  ].join('\n'))
}

/** What a decoder says of the message that was written from the text, and shares no code with ours. */
function rulingOf ({ frame, isFeatured = false }: Question): string {
  const body = frame.subarray(frame.findIndex((byte) => byte < 0x80) + 1)

  return JSON.stringify(ruleOn(body, isFeatured ? FEATURES : []), (_, value: unknown) => typeof value === 'bigint' ? String(value) : value).slice(0, 400)
}

function printProgress (): void {
  const perSecond = Math.round(differ.inputs / (performance.now() - began) * 1000)
  console.log(`${differ.inputs} frames, ${perSecond}/s, ${differ.findings} findings`)
}

function printCounts (): void {
  const rows = [...differ.counts].sort(([, a], [, b]) => b - a)
  rows.forEach(([key, count]) => { console.log(`${String(count).padStart(9)}  ${key}`) })
}

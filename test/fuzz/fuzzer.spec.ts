import assert from 'node:assert/strict'
import { Coverage } from './coverage.ts'
import { Fuzzer, MAX_FINDINGS } from './fuzzer.ts'
import { withCounters } from './instrument.ts'
import { mutateBytes } from './mutate.ts'
import { Random } from './random.ts'
import type { Finding } from './fuzzer.ts'
import type { Target } from './target.ts'

/** Wrong for inputs that begin with "fuzz", which nobody guesses. */
const SOURCE = `export function run (bytes: Uint8Array): void {
  if (bytes[0] === 0x66) {
    if (bytes[1] === 0x75) {
      if (bytes[2] === 0x7a) {
        if (bytes[3] === 0x7a) { throw new RangeError('found ' + bytes.length) }
      }
    }
  }
}`

const GUESSES = 60_000

async function load (source: string): Promise<{ run: Target['run'] }> {
  return await import(`data:text/javascript,${encodeURIComponent(source)}`) as { run: Target['run'] }
}

describe('fuzz/fuzzer', () => {
  let coverage: Coverage
  let findings: Finding[]

  beforeEach(() => {
    coverage = new Coverage()
    findings = []
  })

  function create (run: Target['run']): Fuzzer {
    return new Fuzzer({
      target: { name: 'test', share: 1, seeds: () => [], mutate: mutateBytes, run },
      coverage,
      random: new Random(1),
      onFinding: (finding) => { findings.push(finding) }
    })
  }

  async function search (source: string): Promise<void> {
    const { run } = await load(source)
    const fuzzer = create(run)
    await fuzzer.start([new Uint8Array(8)])

    while (findings.length === 0 && fuzzer.runs < GUESSES) {
      await fuzzer.step()
    }
  }

  it('finds what is behind branches that it takes one after the other, and makes it short', async function () {
    this.timeout(30_000)
    await search(withCounters(SOURCE, { fileName: 'test.ts', coverage }))

    assert.deepEqual(findings.map(({ input, error }) => [Buffer.from(input).toString(), error.message]), [['fuzz', 'found 4']])
  })

  it('finds nothing of that where it does not see the branches', async function () {
    this.timeout(30_000)
    await search(SOURCE.replace(/: (Uint8Array|void)/g, ''))

    assert.deepEqual(findings, [])
  })

  it('tells the same thing once, and leaves a target alone that has shown enough', async () => {
    const fuzzer = create(([first = 0]) => { throw new Error(`wrong ${'abcdefgh'[first % 8]}, for the ${first}th time`) })
    await fuzzer.start(Array.from({ length: 4 }, (_, index) => Uint8Array.of(index % 2)))
    assert.deepEqual(findings.map(({ error }) => error.message.slice(0, 7)), ['wrong a', 'wrong b'])
    assert.equal(fuzzer.isDone, false)
    await fuzzer.start(Array.from({ length: MAX_FINDINGS }, (_, index) => Uint8Array.of(index)))
    assert.equal(fuzzer.isDone, true)
  })

  it('takes an uncaught error for a finding of the input at hand', async () => {
    const fuzzer: Fuzzer = create(async () => { fuzzer.onUncaught('lost') })
    await fuzzer.start([Uint8Array.of(1, 2)])

    assert.deepEqual(findings.map(({ input, error }) => [[...input], error.message]), [[[], 'lost']])
  })

  it('keeps for later the shortest inputs that take all branches', async () => {
    const { run } = await load(withCounters('export function run (bytes) { if (bytes[0] === 1) { 1 } if (bytes[1] === 1) { 1 } }', { fileName: 'test.ts', coverage }))
    const fuzzer = create(run)
    await fuzzer.start([[0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 1, 1], [1, 1, 0]].map((bytes) => Uint8Array.from(bytes)))

    assert.deepEqual((await fuzzer.distill()).map((input) => [...input]), [[0, 0], [1, 0, 0], [0, 1, 0]])
  })
})

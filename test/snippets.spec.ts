import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createProgram, problemsOf } from './declarations.ts'
import { snippetsOf, USER_PAGES } from './markdown.ts'
import type ts from 'typescript'

const DIRECTORY = fileURLToPath(new URL(`.snippets-${process.pid}`, import.meta.url))
const BROKEN = join(DIRECTORY, 'broken.ts')

/** How long a snippet may run, in ms. */
const DEADLINE_MS = 20_000

/** Snippets that run at a time: most of what each does is to wait. */
const RUNS = 3

/** Lines that the first snippets of the README may have. */
const MAX_QUICK_START_LINES = 15

const snippets = USER_PAGES.flatMap(snippetsOf).map((snippet, i) => ({ ...snippet, file: join(DIRECTORY, `snippet-${i + 1}.ts`) }))

interface Outcome { code: unknown, output: string }

/** Runs files, a few at a time in their order. What comes of each is told by its name. */
function runAll (files: readonly string[]): Map<string, Promise<Outcome>> {
  const outcomes = new Map<string, Promise<Outcome>>()
  const lanes = Array.from({ length: RUNS }, async () => Promise.resolve())

  for (const [i, file] of files.entries()) {
    const outcome = lanes[i % RUNS]!.then(async () => run(file))
    outcomes.set(file, outcome)
    lanes[i % RUNS] = outcome.then(() => {})
  }

  return outcomes
}

async function run (file: string): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(process.execPath, [file], { cwd: DIRECTORY, timeout: DEADLINE_MS, killSignal: 'SIGKILL' }, (err, stdout, stderr) => {
      resolve({ code: err == null ? 0 : err.code ?? err.signal, output: stdout + stderr })
    })
  })
}

const { exports: entries } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  exports: Record<string, { default: string }>
}

/** Has a snippet import the source of each entry of the package. */
async function write (file: string, code: string): Promise<void> {
  await writeFile(file, code.replace(/'vibecoin-network(\/[a-z]+)?'/g, (_, entry: string | undefined) => {
    const source = entries[`.${entry ?? ''}`]?.default.replace(/^\.\/dist\//, '../../src/').replace(/\.js$/, '.ts')

    return `'${source ?? `no entry ${entry}`}'`
  }))
}

describe('the snippets of the pages for users', () => {
  let program: ts.Program
  let outcomes: Map<string, Promise<Outcome>>

  before(async function () {
    this.timeout(60_000)
    await mkdir(DIRECTORY)
    await Promise.all(snippets.map(async ({ code, file }) => write(file, code)))
    await write(BROKEN, 'import { startNetwork } from \'vibecoin-network\'\n\nawait startNetwork({ maxInbound: 1 })\n')
    outcomes = runAll([BROKEN, ...snippets.filter(({ isRun }) => isRun).map(({ file }) => file)])
    program = createProgram([...snippets.map(({ file }) => file), BROKEN])
  })

  after(async () => {
    await rm(DIRECTORY, { recursive: true, force: true })
  })

  it('are compiled and run at all', async function () {
    this.timeout(60_000)
    assert.ok(snippets.filter(({ isRun }) => isRun).length >= 5)
    assert.match(problemsOf(program, BROKEN).join(), /genesisHash/)
    assert.equal((await outcomes.get(BROKEN))?.code, 1)
  })

  for (const page of USER_PAGES.filter((page) => snippets.some((snippet) => snippet.page === page))) {
    describe(page, () => {
      for (const { line, heading, isRun, file } of snippets.filter((snippet) => snippet.page === page)) {
        it(`compile: ${heading}, line ${line}`, function () {
          this.timeout(60_000)
          assert.deepEqual(problemsOf(program, file), [])
        })

        if (isRun) {
          it(`run and end by themselves: ${heading}, line ${line}`, async function () {
            this.timeout(DEADLINE_MS + 5000)
            const { code, output } = await outcomes.get(file)!
            assert.equal(code, 0, output)
          })
        }
      }
    })
  }

  for (const { heading, code } of snippets.filter(({ page, heading }) => page === 'README.md' && /^A (whole node|service)/.test(heading))) {
    it(`are short where they are the first: ${heading}`, () => {
      assert.ok(code.trimEnd().split('\n').length <= MAX_QUICK_START_LINES)
    })
  }
})

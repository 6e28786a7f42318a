import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { DEVNET_HELP, START_HELP } from '../src/cli/args.ts'
import { DEFAULTS } from '../src/config.ts'
import { OFFENCES } from '../src/peer/reputation.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const README = readFileSync(join(ROOT, 'README.md'), 'utf8')
const DIRECTORY = join(ROOT, 'test', `.readme-${process.pid}`)

/** How long a snippet may run, in ms. */
const DEADLINE_MS = 20_000

interface Snippet { line: number, heading: string, code: string, isRun: boolean, file: string }

/** The rows of all tables with these headers, below the heading, as cells. */
function rowsBelow (heading: string, ...headers: string[]): string[][] {
  const start = README.search(new RegExp(`^#+ ${heading}$`, 'm'))
  assert.notEqual(start, -1, `README.md has a heading "${heading}"`)
  const level = README.slice(start).indexOf(' ')
  const rest = README.slice(start + level)
  const end = rest.search(new RegExp(`^#{1,${level}} `, 'm'))
  const lines = rest.slice(0, end === -1 ? undefined : end).split('\n')
  const rows: string[][] = []

  lines.forEach((line, i) => {
    if (line === `| ${headers.join(' | ')} |`) {
      const below = lines.slice(i + 2)
      const count = below.findIndex((line) => !line.startsWith('|'))
      rows.push(...below.slice(0, count === -1 ? undefined : count).map(cellsOf))
    }
  })

  assert.notEqual(rows.length, 0, `a table of ${headers.join(', ')} below "${heading}"`)

  for (const row of rows) {
    assert.equal(row.length, headers.length, row.join(' | '))
  }

  return rows
}

function cellsOf (line: string): string[] {
  return line.replace(/^\||\|$/g, '').split('|').map((cell) => cell.trim())
}

/** The first cell of each row, without its backticks. */
function namesIn (rows: string[][]): string[] {
  return rows.flatMap(([cell = '']) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)).sort()
}

function findSnippets (): Snippet[] {
  return [...README.matchAll(/(<!-- compiled only -->\n)?```ts\n(.*?)```/gs)].map((match, i) => {
    const [, mark, code = ''] = match
    const before = README.slice(0, match.index)

    return {
      line: before.split('\n').length,
      heading: [...before.matchAll(/^#+ (.*)$/gm)].at(-1)?.[1] ?? '',
      code,
      isRun: mark == null,
      file: join(DIRECTORY, `snippet-${i + 1}.ts`)
    }
  })
}

const snippets = findSnippets()
const broken = join(DIRECTORY, 'broken.ts')

async function writeSnippets (): Promise<void> {
  await mkdir(DIRECTORY)

  for (const { code, file } of snippets) {
    await writeFile(file, code.replaceAll('\'vibecoin-network\'', '\'../../src/index.ts\''))
  }

  await writeFile(broken, 'import { startNetwork } from \'../../src/index.ts\'\n\nawait startNetwork({ maxInbound: 1 })\n')
}

const REPORTS = join(ROOT, 'src', 'cli', 'report.ts')

function createProgram (): ts.Program {
  const config = ts.getParsedCommandLineOfConfigFile(join(ROOT, 'test', 'tsconfig.json'), {}, {
    ...ts.sys, onUnRecoverableConfigFileDiagnostic: (problem) => { throw new Error(textOf(problem)) }
  })
  assert(config != null)

  return ts.createProgram([...snippets.map(({ file }) => file), broken, REPORTS], config.options)
}

function textOf ({ messageText }: ts.Diagnostic): string {
  return ts.flattenDiagnosticMessageText(messageText, '\n')
}

function problemsOf (program: ts.Program, file: string): string[] {
  const source = program.getSourceFile(file)
  assert(source != null)

  return ts.getPreEmitDiagnostics(program, source).map(textOf)
}

/** The type that a file, src/index.ts if none is given, exports under this name. */
function typeOf (program: ts.Program, name: string, file = join(ROOT, 'src', 'index.ts')): ts.Type {
  const checker = program.getTypeChecker()
  const source = program.getSourceFile(file)
  const module = source == null ? undefined : checker.getSymbolAtLocation(source)
  const exported = module == null ? undefined : checker.getExportsOfModule(module).find((symbol) => symbol.name === name)
  assert(exported != null, name)

  return checker.getDeclaredTypeOfSymbol(exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported)
}

function membersOf (type: ts.Type): string[] {
  return type.getProperties().map(({ name }) => name).sort()
}

/** The strings that a type is one of. */
function literalsOf (type: ts.Type): string[] {
  assert(type.isUnion())

  return type.types.map((part) => part.isStringLiteral() ? part.value : '').sort()
}

interface Outcome { code: unknown, output: string }

async function run (file: string): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(process.execPath, [file], { cwd: DIRECTORY, timeout: DEADLINE_MS, killSignal: 'SIGKILL' }, (err, stdout, stderr) => {
      resolve({ code: err == null ? 0 : err.code ?? err.signal, output: stdout + stderr })
    })
  })
}

describe('README.md', () => {
  let program: ts.Program

  before(async function () {
    this.timeout(60_000)
    await writeSnippets()
    program = createProgram()
  })

  after(async () => {
    await rm(DIRECTORY, { recursive: true, force: true })
  })

  describe('snippets', () => {
    it('are compiled and run at all', async function () {
      this.timeout(60_000)
      assert.ok(snippets.filter(({ isRun }) => isRun).length >= 5)
      assert.match(problemsOf(program, broken).join(), /genesisHash/)
      assert.equal((await run(broken)).code, 1)
    })

    for (const { line, heading, code, isRun, file } of snippets) {
      it(`compile: ${heading}, line ${line}`, function () {
        this.timeout(60_000)
        assert.deepEqual(problemsOf(program, file), [])
      })

      if (isRun) {
        it(`run and end by themselves: ${heading}, line ${line}`, async function () {
          this.timeout(DEADLINE_MS + 5000)
          const outcome = await run(file)
          assert.equal(outcome.code, 0, outcome.output)
        })
      }

      if (/^A (whole node|service)/.test(heading)) {
        it(`are short where they are the first: ${heading}`, () => {
          assert.ok(code.trimEnd().split('\n').length <= 15)
        })
      }
    }
  })

  it('lists every rate limit with its default', () => {
    const limits = rowsBelow('How much a peer may send', 'kind of `rateLimits`', 'what is counted', '`perSecond`', '`burst`')
    const parse = (cell = ''): number => cell === 'none' ? Infinity : Number(cell)

    assert.deepEqual(
      Object.fromEntries(limits.map(([name = '', , perSecond, burst]) => [namesIn([[name]])[0], { perSecond: parse(perSecond), burst: parse(burst) }])),
      DEFAULTS.rateLimits
    )
  })

  it('has the size that is recorded for web pages', () => {
    const { minified, gzip } = JSON.parse(readFileSync(join(ROOT, 'test', 'browser', 'bundle-size.json'), 'utf8')) as Record<string, number>

    assert.deepEqual(/^\| size \| (\d+) kB minified, (\d+) kB compressed/m.exec(README)?.slice(1).map((size) => Number(size) * 1000), [minified, gzip])
  })

  it('lists every member of a ChainStore', () => {
    assert.deepEqual(namesIn(rowsBelow('Keeping a chain in step', 'method', 'what it has to do')), membersOf(typeOf(program, 'ChainStore')))
  })

  it('says which members of a ChainStore are optional', () => {
    const optional = rowsBelow('Keeping a chain in step', 'method', 'what it has to do').filter(([, text = '']) => text.startsWith('optional: '))

    assert.deepEqual(
      namesIn(optional),
      typeOf(program, 'ChainStore').getProperties().filter(({ flags }) => flags & ts.SymbolFlags.Optional).map(({ name }) => name).sort()
    )
  })

  it('lists every kind of fault', () => {
    assert.deepEqual(
      namesIn(rowsBelow('Synchronisation', 'kind', 'what the peer did', 'what follows')),
      literalsOf(typeOf(program, 'FaultKind'))
    )
  })

  it('lists every kind of handler, and every verdict', () => {
    assert.deepEqual(namesIn(rowsBelow('Handlers and verdicts', 'type', 'handler', 'what it is for')), membersOf(typeOf(program, 'Handlers')))
    assert.deepEqual(
      namesIn(rowsBelow('Handlers and verdicts', 'verdict', 'what happens')),
      literalsOf(typeOf(program, 'Verdict')).map((verdict) => `'${verdict}'`)
    )
  })

  it('lists every offence that there is a reason for, with what it counts', () => {
    const rows = rowsBelow('Who is kept out', 'offence', 'score', 'what the peer did', 'bans')
    const rules = rows.map(([name = '', weight, , mayBan]) => [namesIn([[name]])[0], { weight: Number(weight), mayBan: mayBan === 'yes' }])

    assert.deepEqual(Object.fromEntries(rules), OFFENCES)
  })

  it('lists every field of a peer', () => {
    assert.deepEqual(namesIn(rowsBelow('Peers', 'field', 'what it is')), membersOf(typeOf(program, 'Peer')))
  })

  it('lists the options of both commands', () => {
    const optionsIn = (text: string): string[] => [...text.matchAll(/^ {2}--([\w-]+)/gm)].map(([, name = '']) => name)
    const [common = ''] = /^`vibecoin-network devnet`.*$/m.exec(README) ?? []
    const listed = namesIn(rowsBelow('The command line', 'option', 'what it is')).map((text) => /--([\w-]+)/.exec(text)?.[1] ?? text)
    const start = optionsIn(START_HELP.split('Options that devnet uses')[0] ?? '')
    const devnet = optionsIn(DEVNET_HELP)

    assert.deepEqual(listed, [...new Set([...start, ...devnet])].sort())
    assert.deepEqual([...common.matchAll(/`--([\w-]+)`/g)].map(([, name]) => name).sort(), start.filter((name) => devnet.includes(name)).sort())
  })

  it('has the fields of what the command reports while it catches up', () => {
    const checker = program.getTypeChecker()
    const events = typeOf(program, 'NodeEvents', REPORTS)
    const rows = rowsBelow('The command line', 'event', 'fields')

    assert.deepEqual(namesIn(rows), ['fault', 'syncFailed', 'synced', 'syncing'])

    for (const [event = '', fields = ''] of rows) {
      const [name = ''] = namesIn([[event]])
      const symbol = events.getProperty(name)
      assert(symbol != null, name)

      assert.deepEqual(namesIn([[fields]]), membersOf(checker.getTypeOfSymbol(symbol)), name)
    }
  })
})

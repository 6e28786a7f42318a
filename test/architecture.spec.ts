import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = fileURLToPath(new URL('..', import.meta.url))

interface Outcome { code: number, lines: string[] }

/** Runs the check over a directory, from inside it, so that what it prints is relative to it. */
async function check (directory: string, ...house: string[]): Promise<Outcome> {
  return run('check-imports.js', directory, ...house)
}

async function run (script: string, directory: string, ...args: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(root, 'scripts', script), directory, ...args], { cwd: directory }, (err, stdout, stderr) => {
      resolve({ code: err == null ? 0 : Number(err.code), lines: (stdout + stderr).trim().split('\n') })
    })
  })
}

/** What keeps a declaration from being written from its file alone, as the build writes it. The type check of the tests does not look. */
function undeclared (source: string, fileName: string): string[] {
  const options = { target: ts.ScriptTarget.ES2024, declaration: true, isolatedDeclarations: true, verbatimModuleSyntax: true }
  const { diagnostics = [] } = ts.transpileDeclaration(source, { fileName, compilerOptions: options, reportDiagnostics: true })

  return diagnostics.map(({ messageText }) => `${fileName}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`)
}

describe('the declarations of src/', () => {
  it('are made of each file alone, which the build needs', function () {
    this.timeout(60_000)
    const files = globSync('src/**/!(*.d).ts', { cwd: root })

    assert.ok(files.length > 100)
    assert.deepEqual(files.flatMap((file) => undeclared(readFileSync(join(root, file), 'utf8'), file)), [])
  })

  it('fail for a default value whose type another file decides', () => {
    const found = undeclared('declare const make: () => number\nexport function open (made = make()): void {}', 'open.ts')

    assert.deepEqual(found, ['open.ts: Parameter must have an explicit type annotation with --isolatedDeclarations.'])
  })
})

describe('the rooms of src/', () => {
  let directory: string

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'vibecoin-test-'))
  })

  afterEach(async () => {
    await rm(directory, { recursive: true, force: true })
  })

  async function checkTree (files: Record<string, string>): Promise<Outcome> {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(directory, name)), { recursive: true })
      await writeFile(join(directory, name), text)
    }

    return check(directory)
  }

  it('import in one direction, without a circle, in files of 300 lines at most', async () => {
    const { code, lines } = await check(join(root, 'src'))

    assert.equal(code, 0, lines.join('\n'))
  })

  it('export nothing whose type the build would have to find out', async function () {
    this.timeout(60_000)
    const { code, lines } = await run('check-declarations.js', join(root, 'src'))
    assert.equal(code, 0, lines.join('\n'))

    await writeFile(join(directory, 'a.ts'), 'export function f (a = g()): void { a }\nfunction g (): number { return 1 }\nexport const b: number = g()')
    assert.deepEqual(await run('check-declarations.js', directory), {
      code: 1, lines: ['1 files, problems: 1', 'a.ts:1: Parameter must have an explicit type annotation with --isolatedDeclarations.']
    })
  })

  it('pass when they keep to it', async () => {
    const { code, lines } = await checkTree({
      'types/a.ts': '',
      'errors.ts': 'import type { A } from \'./types/a.ts\'',
      'codec/limits.ts': '',
      'config/resolve.ts': 'import { b } from \'./b.ts\'\nimport { MAX } from \'../codec/limits.ts\'',
      'config/b.ts': '',
      'codec/generated/wire.js': '',
      'codec/frame.ts': 'import { wire } from \'./generated/wire.js\'',
      'session/session.ts': 'import { frame } from \'../codec/frame.ts\'\nimport { config } from \'../config/resolve.ts\'',
      'gossip/gossip.ts': 'import { session } from \'../session/session.ts\'',
      'service/index.ts': 'import { gossip } from \'../gossip/gossip.ts\'',
      'store/identity.ts': 'import { errors } from \'../errors.ts\'',
      'start-network.ts': 'import { identity } from \'./store/identity.ts\'\nimport { service } from \'./service/index.ts\'',
      'start-network.browser.ts': 'import { service } from \'./service/index.ts\'',
      'index.ts': 'export { startNetwork } from \'./start-network.ts\'',
      'version.ts': '',
      'cli/main.ts': 'import { startNetwork } from \'../index.ts\'\nimport { VERSION } from \'../version.ts\'\nimport \'node:fs\''
    })

    assert.deepEqual(lines, ['16 files, every import runs the right way'])
    assert.equal(code, 0)
  })

  it('fail for an import that runs upwards, in whatever form it comes', async () => {
    const { code, lines } = await checkTree({
      'types/a.ts': [
        '// import { s } from \'../service/index.ts\'',
        'import { s } from \'../service/index.ts\'',
        'import type { S } from \'../service/index.ts\'',
        'export { s } from \'../service/index.ts\'',
        'export * from \'../service/index.ts\'',
        'import \'../service/index.ts\'',
        'const late = await import(\'../service/index.ts\')',
        'let inline: import(\'../service/index.ts\').S',
        'const text = "import { s } from \'../service/index.ts\'"'
      ].join('\n'),
      'service/index.ts': ''
    })

    assert.deepEqual(lines, [2, 3, 4, 5, 6, 7, 8].map((line) => {
      return `types/a.ts:${line}: types must not import service ('../service/index.ts')`
    }))
    assert.equal(code, 1)
  })

  it('fail where one imports what is not below it', async () => {
    const forbidden: [from: string, to: string, problem: string][] = [
      ['cli/a.ts', 'errors.ts', 'cli must not import errors'],
      ['cli/b.ts', 'start-network.ts', 'cli must not import start-network'],
      ['codec/a.ts', 'session/session.ts', 'codec must not import session'],
      ['config/b.ts', 'util/clock.ts', 'config must not import util'],
      ['config/a.ts', 'codec/frame.ts', 'config must not import codec'],
      ['errors.ts', 'codec/frame.ts', 'errors must not import codec'],
      ['gossip/a.ts', 'sync/run/run.ts', 'gossip must not import sync'],
      ['index.ts', 'store/identity/identity.ts', 'index must not import store'],
      ['network.ts', 'start-network.ts', 'network must not import start-network'],
      ['libp2p/patches/a.ts', 'service/index.ts', 'libp2p/patches must not import service'],
      ['peers/a.ts', 'gossip/gossip.ts', 'peers must not import gossip'],
      ['session/a.ts', 'codec/generated/wire.js', 'session must not import codec/generated'],
      ['service/a.ts', 'start-network.ts', 'service must not import start-network'],
      ['service/b.ts', 'store/identity.ts', 'service must not import store'],
      ['start-network.browser.ts', 'index.ts', 'start-network must not import index'],
      ['store/a.ts', 'config/resolve.ts', 'store must not import config'],
      ['sync/a.ts', 'gossip/gossip.ts', 'sync must not import gossip'],
      ['types/a.ts', 'version.ts', 'types must not import version']
    ]
    const specifierOf = (from: string, to: string): string => `${'../'.repeat(from.split('/').length - 1).slice(0, -1) || '.'}/${to}`

    const { code, lines } = await checkTree({
      ...Object.fromEntries(forbidden.map(([, to]) => [to, ''])),
      ...Object.fromEntries(forbidden.map(([from, to]) => [from, `\nimport '${specifierOf(from, to)}'`]))
    })

    assert.deepEqual(lines.sort(), forbidden.map(([from, to, problem]) => `${from}:2: ${problem} ('${specifierOf(from, to)}')`).sort())
    assert.equal(code, 1)
  })

  it('fail for a circle, also of types only, and name its way', async () => {
    const { code, lines } = await checkTree({
      'session/a.ts': 'import { b } from \'./b.ts\'',
      'session/b.ts': '\n\nimport type { C } from \'./deep/c.ts\'',
      'session/deep/c.ts': '\nimport { a } from \'../a.ts\'',
      'session/outside.ts': 'import { a } from \'./a.ts\''
    })

    assert.deepEqual(lines, ['session/deep/c.ts:2: closes a circle: session/a.ts -> session/b.ts -> session/deep/c.ts -> session/a.ts'])
    assert.equal(code, 1)
  })

  it('fail for a file that imports itself', async () => {
    const { lines } = await checkTree({ 'session/a.ts': 'import { a } from \'./a.ts\'' })

    assert.deepEqual(lines, ['session/a.ts:1: closes a circle: session/a.ts -> session/a.ts'])
  })

  it('fail for a file of 301 lines, and pass for one of 300', async () => {
    const { code, lines } = await checkTree({
      'session/long.ts': '//\n'.repeat(300),
      'session/longer.ts': '//\n'.repeat(301),
      'codec/generated/wire.js': '//\n'.repeat(5000)
    })

    assert.deepEqual(lines, ['session/longer.ts:301: has 301 lines, 300 are the most'])
    assert.equal(code, 1)
  })

  it('fail for an import of nothing, and for a file in no room', async () => {
    const { code, lines } = await checkTree({
      'session/a.ts': 'import { b } from \'./b.ts\'',
      'helpers/b.ts': '',
      'indexes.ts': ''
    })

    assert.deepEqual(lines, [
      'helpers/b.ts:1: is in no room that scripts/check-imports.js knows',
      'indexes.ts:1: is in no room that scripts/check-imports.js knows',
      'session/a.ts:1: imports \'./b.ts\', which is not there'
    ])
    assert.equal(code, 1)
  })
})

describe('the rooms of bench/', () => {
  it('import in one direction, without a circle, in files of 300 lines at most', async () => {
    const { code, lines } = await check(join(root, 'bench'), 'bench')

    assert.equal(code, 0, lines.join('\n'))
  })

  it('fail where one imports what is not below it, and may import src/', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'vibecoin-test-'))

    try {
      await mkdir(join(directory, 'programs'))
      await mkdir(join(directory, 'scenarios'))
      await writeFile(join(directory, 'programs', 'a.ts'), 'import \'../../src/index.ts\'\nimport \'../scenarios/b.ts\'')
      await writeFile(join(directory, 'scenarios', 'b.ts'), 'import \'../programs/a.ts\'')
      const { code, lines } = await check(directory, 'bench')

      assert.deepEqual(lines, [
        'programs/a.ts:2: programs must not import scenarios (\'../scenarios/b.ts\')',
        'scenarios/b.ts:1: closes a circle: programs/a.ts -> scenarios/b.ts -> programs/a.ts'
      ])
      assert.equal(code, 1)
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  })
})

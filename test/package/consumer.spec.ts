import assert from 'node:assert/strict'
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild-wasm'
import { createDirectory, install, pack, removeDirectory, ROOT, runNode, TOOLS } from './packed.ts'

/** A program, and a test of one. */
const PROGRAMS = ['program.ts', 'testing.ts']

const { version, devDependencies } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
  version: string
  devDependencies: Record<string, string>
}

/** Packages of libp2p whose declarations name types of the DOM. */
const NEEDS_DOM = /^node_modules\/(@libp2p\/interface|main-event)\//

interface Setting { title: string, target?: string, lib: string[], types: string[], isTheirs: (file: string) => boolean }

/** What a program may have as global types, and which files of others the compiler complains about then. */
const SETTINGS: Setting[] = [
  { title: 'the settings of the guide', target: 'es2024', lib: ['es2024', 'dom'], types: ['node'], isTheirs: () => false },
  { title: 'older ones', lib: ['es2022', 'dom'], types: ['node'], isTheirs: () => false },
  { title: 'the types of the DOM alone', lib: ['es2024', 'dom'], types: [], isTheirs: (file) => file.startsWith('node_modules/main-event/') },
  { title: 'the types of Node.js alone', lib: ['es2024'], types: ['node'], isTheirs: (file) => NEEDS_DOM.test(file) }
]

const COMPILERS = ['typescript-6', 'typescript-7']
const MODULES = [{ module: 'nodenext', moduleResolution: 'nodenext' }, { module: 'esnext', moduleResolution: 'bundler' }]

describe('package/consumer', function () {
  this.timeout(300_000)
  let directory: string
  let tarball: string

  before(async function () {
    directory = await createDirectory()
    tarball = join(directory, (await pack(directory)).filename)
    await writeFile(join(directory, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
    await Promise.all(PROGRAMS.map(async (file) => {
      await copyFile(fileURLToPath(new URL(`consumer/${file}`, import.meta.url)), join(directory, file))
    }))

    if (!await install(directory, tarball, `@types/node@${devDependencies['@types/node']}`) || !await install(TOOLS)) {
      console.log('    skipped: no registry to install packages from')
      this.skip()
    }
  })

  after(async () => {
    await removeDirectory(directory)
  })

  /** What a compiler has against a program, with the declarations of all packages checked: a line for each error. */
  async function compile (compiler: string, options: object): Promise<string[]> {
    const compilerOptions = {
      strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true, ...options
    }
    await writeFile(join(directory, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: PROGRAMS }))
    const { output } = await runNode(directory, join(TOOLS, 'node_modules', compiler, 'bin', 'tsc'), '-p', '.', '--pretty', 'false')

    // what is indented explains the line before
    return output.split('\n').filter((line) => /^\S/.test(line))
  }

  for (const compiler of COMPILERS) {
    for (const resolution of MODULES) {
      for (const { title, target = 'es2022', lib, types, isTheirs } of SETTINGS) {
        it(`is compiled by ${compiler}, ${resolution.moduleResolution}, with ${title}`, async () => {
          const errors = await compile(compiler, { ...resolution, target, lib, types })

          assert.deepEqual(errors.filter((line) => !isTheirs(line)), [])
        })
      }
    }
  }

  it('runs: a node starts, listens and stops', async () => {
    const { code, output } = await runNode(directory, 'program.ts')

    assert.equal(output, `${version} 0 32 1\n`)
    assert.equal(code, 0)
  })

  it('runs its tests: ten nodes agree, and leave nothing behind', async () => {
    const { code, output } = await runNode(directory, 'testing.ts')

    assert.equal(output, '10 3 remote PROTOCOL_VIOLATION\n')
    assert.equal(code, 0)
  })

  it('has a command', async () => {
    const { code, output } = await runNode(directory, join(directory, 'node_modules', '.bin', 'vibecoin-network'), '--version')

    assert.match(output, new RegExp(`${version.replaceAll('.', '\\.')}\n$`))
    assert.equal(code, 0)
  })

  it('has all that its command starts: nodes in processes of their own, which verify blocks on threads', async function () {
    this.timeout(120_000)
    const command = join(directory, 'node_modules', '.bin', 'vibecoin-network')
    const { code, output } = await runNode(directory, command, 'devnet', '--nodes', '3', '--until-height', '3', '--block-time', '1')

    assert.match(output, /caught up/)
    assert.equal(code, 0, output)
  })

  it('is bundled for a page, with its files for browsers and nothing of Node.js', async () => {
    const { metafile } = await build({
      entryPoints: [join(directory, 'program.ts')],
      bundle: true, format: 'esm', platform: 'browser', target: 'es2024', metafile: true, write: false, logLevel: 'silent', absWorkingDir: directory
    })
    const inputs = Object.keys(metafile.inputs).filter((path) => path.startsWith('node_modules/vibecoin-network/'))

    assert.ok(inputs.some((path) => path.endsWith('.browser.js')))
    assert.ok(!inputs.some((path) => path.includes('/dist/cli/')))
  })

  it('is clean for publint', async () => {
    const { code, output } = await runNode(TOOLS, join(TOOLS, 'node_modules', '.bin', 'publint'), tarball, '--strict', '--level', 'warning')

    assert.equal(code, 0, output)
    assert.match(output, /All good!/)
  })

  it('is clean for attw, as a package of ES modules', async () => {
    const { code, output } = await runNode(TOOLS, join(TOOLS, 'node_modules', '.bin', 'attw'), tarball, '--profile', 'esm-only', '--no-color')

    assert.equal(code, 0, output)
    assert.match(output, /node16 \(from ESM\)/)
  })
})

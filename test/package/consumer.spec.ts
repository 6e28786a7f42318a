import assert from 'node:assert/strict'
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild-wasm'
import { readPage } from '../markdown.ts'
import { createDirectory, install, pack, removeDirectory, ROOT, runNode, TOOLS } from './packed.ts'

/** A program, and a test of one. */
const PROGRAMS = ['program.ts', 'testing.ts']

const { version, devDependencies } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
  version: string
  devDependencies: Record<string, string>
}

/** Packages of libp2p whose declarations name types of the DOM. */
const NEEDS_DOM = /^node_modules\/(@libp2p\/interface|main-event)\//

/** Whose declarations do not fit those of libp2p: docs/upstream/libp2p-yamux-types.md. */
const DOES_NOT_FIT = 'node_modules/@chainsafe/libp2p-yamux/'

/** The versions of the types of Node.js that an application may have. */
const NODE_TYPES = ['22', '24', '26']

/** The program of the README that has a libp2p node of its own. */
const SERVICE = 'service.ts'

/** What the guide has a project without the types of the DOM declare. */
const DECLARATION = 'dom.d.ts'

/** The settings of the guide. */
const GUIDE = { target: 'es2024', lib: ['es2024', 'dom'], types: ['node'] }

interface Setting { title: string, target?: string, lib: string[], types: string[], isTheirs: (file: string) => boolean }

/** What a program may have as global types, and which files of others the compiler complains about then. */
const SETTINGS: Setting[] = [
  { title: 'the settings of the guide', ...GUIDE, isTheirs: () => false },
  { title: 'older ones', lib: ['es2022', 'dom'], types: ['node'], isTheirs: () => false },
  { title: 'the types of the DOM alone', lib: ['es2024', 'dom'], types: [], isTheirs: (file) => file.startsWith('node_modules/main-event/') },
  { title: 'the types of Node.js alone', lib: ['es2024'], types: ['node'], isTheirs: (file) => NEEDS_DOM.test(file) }
]

const COMPILERS = ['typescript-6', 'typescript-7']
const MODULES = [{ module: 'nodenext', moduleResolution: 'nodenext' }, { module: 'esnext', moduleResolution: 'bundler' }]

/** The block below a heading of a page. */
function snippet (page: string, heading: string, language: string): string {
  const found = new RegExp(`^#+ ${heading}\\n(?:(?!^#+ ).*\\n)*?\`\`\`${language}\\n([^]*?)\`\`\``, 'm').exec(readPage(page))
  assert.ok(found?.[1] != null, `${page} has such a block below "${heading}"`)

  return found[1]
}

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

    await writeFile(join(directory, SERVICE), snippet('README.md', 'A service of your libp2p node', 'ts'))
    await writeFile(join(directory, DECLARATION), snippet('docs/guide/getting-started.md', 'Without dom', 'ts'))

    if (!await install(directory, tarball, `@types/node@${devDependencies['@types/node']}`) || !await install(TOOLS)) {
      console.log('    skipped: no registry to install packages from')
      this.skip()
    }
  })

  after(async () => {
    await removeDirectory(directory)
  })

  /** What a compiler has against a program, with the declarations of all packages checked: a line for each error. */
  async function compile (compiler: string, options: object, files = PROGRAMS): Promise<string[]> {
    const compilerOptions = {
      strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true, ...options
    }
    await writeFile(join(directory, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }))
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

  for (const version of NODE_TYPES) {
    describe(`with @types/node ${version}`, () => {
      before(async function () {
        if (!await install(directory, `@types/node@${version}`)) {
          this.skip()
        }
      })

      after(async () => {
        await install(directory, `@types/node@${devDependencies['@types/node']}`)
      })

      for (const compiler of COMPILERS) {
        it(`is compiled by ${compiler} without the types of the DOM, with the declaration of the guide`, async () => {
          const options = { ...MODULES[0], target: 'es2024', lib: ['es2024'], types: ['node'] }

          assert.deepEqual(await compile(compiler, options, [...PROGRAMS, DECLARATION]), [])
        })
      }
    })
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

  describe('in a program with a libp2p node of its own', () => {
    for (const compiler of COMPILERS) {
      it(`is compiled by ${compiler}, but for the types of Yamux, which the guide names`, async () => {
        const errors = await compile(compiler, { ...MODULES[0], ...GUIDE }, [SERVICE])

        assert.deepEqual(errors.filter((line) => !line.startsWith(DOES_NOT_FIT)), [])
        assert.notEqual(errors.length, 0, 'Yamux fits: the guide needs no override any more')
        assert.deepEqual(await compile(compiler, { ...MODULES[0], ...GUIDE, skipLibCheck: true }, [SERVICE]), [])
      })
    }

    describe('with the override of the guide', () => {
      before(async function () {
        const { overrides } = JSON.parse(snippet('docs/guide/getting-started.md', 'Types of Yamux', 'json')) as { overrides: object }
        const path = join(directory, 'package.json')
        await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')) as object, overrides }))

        // npm keeps what a lock file has, whatever the overrides say by now
        await Promise.all(['node_modules', 'package-lock.json'].map(async (name) => removeDirectory(join(directory, name))))

        if (!await install(directory)) {
          this.skip()
        }
      })

      for (const compiler of COMPILERS) {
        it(`is compiled by ${compiler}`, async () => {
          assert.deepEqual(await compile(compiler, { ...MODULES[0], ...GUIDE }, [SERVICE, ...PROGRAMS]), [])
        })
      }

      it('runs, with its tests', async () => {
        const { code, output } = await runNode(directory, SERVICE)

        assert.equal(code, 0, output)
        assert.equal((await runNode(directory, 'testing.ts')).output, '10 3 remote PROTOCOL_VIOLATION\n')
      })
    })
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

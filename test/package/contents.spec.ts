import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createDirectory, pack, removeDirectory, ROOT } from './packed.ts'
import type { Packed } from './packed.ts'

/** 1344 files when this was written: scripts, their maps and declarations. */
const MAX_FILES = 1600
const MAX_BYTES = 2_500_000
const MAX_UNPACKED_BYTES = 9_500_000

/** The live page, which is bundled. */
const PAGE = 'dist/web/page/'

/** Whether a file of the package was compiled from one of src/. */
const isCompiled = (path: string): boolean => path.startsWith('dist/') && !path.startsWith(PAGE)

describe('package/contents', function () {
  this.timeout(60_000)
  let directory: string
  let packed: Packed
  let paths: string[]

  before(async () => {
    directory = await createDirectory()
    packed = await pack(directory)
    paths = packed.files.map(({ path }) => path)
  })

  after(async () => {
    await removeDirectory(directory)
  })

  it('has what is built, the protocol, the licences and the pages at its top', () => {
    assert.deepEqual([...new Set(paths.map((path) => path.split('/')[0]))].sort(), [
      'CHANGELOG.md', 'LICENSE', 'LICENSE-APACHE', 'LICENSE-MIT', 'README.md', 'dist', 'ops', 'package.json', 'proto', 'test'
    ])
  })

  it('is small', () => {
    assert.ok(packed.files.length <= MAX_FILES, `${packed.files.length} files`)
    assert.ok(packed.size <= MAX_BYTES, `${packed.size} bytes packed`)
    assert.ok(packed.unpackedSize <= MAX_UNPACKED_BYTES, `${packed.unpackedSize} bytes unpacked`)
  })

  it('has the live page, bundled', () => {
    const page = paths.filter((path) => path.startsWith(PAGE)).map((path) => path.slice(PAGE.length))

    assert.deepEqual(['icon.svg', 'index.html', 'main.js', 'style.css', 'uplot.css'].filter((name) => !page.includes(name)), [])
    assert.deepEqual(page.filter((name) => !/^[\w.-]+\.(js|css|html|svg)$/.test(name)), [])
  })

  it('has in dist nothing but scripts with their maps, and declarations', () => {
    const others = paths.filter((path) => isCompiled(path) && !/\.(js|js\.map|d\.ts)$/.test(path))

    assert.deepEqual(others, [])
  })

  it('has of each module one file of each kind, made of a file in src', () => {
    const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).map((path) => path.replaceAll('\\', '/'))
    const modules = new Set(sources.map((path) => path.replace(/(\.d)?\.[jt]s$/, '')))
    const strangers = paths.filter((path) => isCompiled(path) && !modules.has(path.slice('dist/'.length).replace(/(\.d\.ts|\.js|\.js\.map)$/, '')))

    assert.deepEqual(strangers, [])
    assert.deepEqual(paths.filter((path) => /\b(spec|test|tests|bench|fixtures)\b/.test(path) && !/^(test\/fixtures|dist\/testing)\//.test(path)), [])
  })

  it('has the frames that the conformance tester sends, which belong to the protocol', () => {
    const frames = ['messages', 'invalid', 'tolerated', 'large'].map((name) => `test/fixtures/${name}.json`)

    assert.deepEqual(frames.filter((path) => !paths.includes(path)), [])
  })

  it('has a map of every script that was compiled, and the source in it', () => {
    const scripts = paths.filter((path) => isCompiled(path) && path.endsWith('.js') && !path.includes('/generated/'))

    assert.ok(scripts.length > 200, `${scripts.length} scripts`)

    for (const script of scripts) {
      const { sources, sourcesContent } = JSON.parse(readFileSync(join(ROOT, `${script}.map`), 'utf8')) as { sources: string[], sourcesContent?: string[] }

      assert.ok(paths.includes(`${script}.map`), script)
      assert.deepEqual(sourcesContent, sources.map((source) => readFileSync(join(ROOT, script, '..', source), 'utf8')), script)
    }
  })

  it('has no script without a statement, and no declaration of the command or of generated code', () => {
    const scripts = paths.filter((path) => /^dist\/.*\.js$/.test(path))
    const empty = scripts.filter((path) => /^export \{\};\n\/\/# .*$/.test(readFileSync(join(ROOT, path), 'utf8').trim()))

    assert.deepEqual(empty, [])
    assert.deepEqual(paths.filter((path) => /^dist\/(cli|codec\/generated)\/.*\.d\.ts$/.test(path)), [])
    assert.ok(['dist/cli/bin.js', 'dist/codec/generated/vibecoin.js', 'dist/index.d.ts', 'dist/index.js'].every((path) => paths.includes(path)))
  })
})

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild-wasm'

const CHILD_FILE = fileURLToPath(new URL('../support/child-native.ts', import.meta.url))
const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** What came of a node without files, and of one with them. */
interface Outcome { addresses: number, error: null | { name: string, message: string, causes: string[] } }

describe('libp2p/native', function () {
  this.timeout(60_000)

  let directory: string

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'vibecoin-test-'))
  })

  afterEach(async () => {
    await rm(directory, { recursive: true, force: true })
  })

  async function run (file: string, ...options: string[]): Promise<Outcome> {
    const { stdout } = await promisify(execFile)(process.execPath, [...options, file, join(directory, 'data')])

    return JSON.parse(stdout) as Outcome
  }

  it('are not there with --no-addons, and missed only where there is a dataDir', async () => {
    const { addresses, error } = await run(CHILD_FILE, '--no-addons')
    assert.equal(addresses, 1)
    assert.equal(error?.name, 'StorageError')
    assert.match(error.message, /^Could not open the known peers in .*: classic-level could not be loaded, which needs Node\.js with addons/)
    assert.deepEqual(error.causes, ['UnsupportedRuntimeError', 'ERR_DLOPEN_DISABLED'])
  })

  it('are found where they may be loaded', async () => {
    assert.deepEqual(await run(CHILD_FILE), { addresses: 1, error: null })
  })

  it('may be kept out of a bundle, and are missed only where there is a dataDir', async () => {
    await build({
      entryPoints: [CHILD_FILE],
      outdir: directory,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      format: 'esm',
      splitting: true,
      platform: 'node',
      target: 'node22',
      logLevel: 'silent',
      external: ['classic-level'],
      banner: { js: 'import { createRequire } from \'node:module\'; const require = createRequire(import.meta.url)' }
    })
    const file = join(directory, 'child-native.mjs')
    const { addresses, error } = await run(file)
    assert.equal(addresses, 1)
    assert.deepEqual(error?.causes, ['UnsupportedRuntimeError', 'ERR_MODULE_NOT_FOUND'])
    await symlink(join(ROOT, 'node_modules'), join(directory, 'node_modules'))
    assert.deepEqual(await run(file), { addresses: 1, error: null })
  })
})

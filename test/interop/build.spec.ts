import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const SCRIPT = join(import.meta.dirname, '..', '..', 'scripts', 'build-interop.ts')

/** A cargo that writes down what it is told, and does as its variables say. */
const CARGO = `#!/bin/sh
echo "$1" >> "$CALLS"
case "$1" in
  --version) echo "cargo $CARGO_IS (0000000 2026-01-01)" ;;
  fetch) if [ -n "$FETCH_SAYS" ]; then echo "$FETCH_SAYS" >&2; exit 101; fi ;;
  build)
    if [ -n "$BUILD_SAYS" ]; then echo "$BUILD_SAYS" >&2; exit 101; fi
    for argument; do target="$argument"; done
    /bin/mkdir -p "$target/release" && echo peer > "$target/release/vibecoin-peer" ;;
esac
`

interface Outcome { code: number, said: string }

describe('interop: the build', () => {
  let directory = ''

  beforeEach(async function () {
    if (process.platform === 'win32') {
      this.skip()
    }

    directory = await mkdtemp(join(tmpdir(), 'vibecoin-build-'))
    mkdirSync(join(directory, 'bin'))
  })
  afterEach(async () => { await rm(directory, { recursive: true, force: true }) })

  /** Runs the script where there is no other tool than those in `bin`. */
  async function build (env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
    const own = { PATH: join(directory, 'bin'), XDG_CACHE_HOME: directory, CALLS: join(directory, 'calls'), CARGO_IS: '1.95.0' }

    try {
      const { stdout, stderr } = await promisify(execFile)(process.execPath, [SCRIPT], { env: { ...own, ...env }, timeout: 60_000 })

      return { code: 0, said: stdout + stderr }
    } catch (err) {
      const { code, stdout, stderr } = err as { code: number, stdout: string, stderr: string }

      return { code, said: stdout + stderr }
    }
  }

  function withCargo (): void {
    writeFileSync(join(directory, 'bin', 'cargo'), CARGO)
    chmodSync(join(directory, 'bin', 'cargo'), 0o755)
  }

  function calls (): string[] {
    return readFileSync(join(directory, 'calls'), 'utf8').trim().split('\n')
  }

  it('is skipped with a notice where there is no tool', async () => {
    const { code, said } = await build()
    assert.equal(code, 0)
    assert.match(said, /interop\/rust: SKIPPED\. .*: there is no cargo here\n/)
    assert.match(said, /interop\/go: SKIPPED\. .*: there is no go here\n/)
  })

  it('is skipped with a notice where the tool is too old', async () => {
    withCargo()
    const { code, said } = await build({ CARGO_IS: '1.90.9' })
    assert.equal(code, 0)
    assert.match(said, /interop\/rust: SKIPPED\. .*: it needs cargo 1\.91 or later, and here is 1\.90\.9\n/)
    assert.deepEqual(calls(), ['--version'])
  })

  it('is skipped with a notice where the registry cannot be reached', async () => {
    withCargo()
    const { code, said } = await build({ FETCH_SAYS: 'error: Could not resolve host: index.crates.io' })
    assert.equal(code, 0)
    assert.match(said, /interop\/rust: SKIPPED\. .*: cargo cannot fetch what it is built from:\nerror: Could not resolve host/)
  })

  for (const [what, env] of [
    ['the lock file is not that of the manifest', { FETCH_SAYS: 'error: cannot update the lock file because --locked was passed' }],
    ['it does not compile', { BUILD_SAYS: 'error[E0308]: mismatched types' }]
  ] as const) {
    it(`fails where ${what}`, async () => {
      withCargo()
      const { code, said } = await build(env)
      assert.equal(code, 1)
      assert.ok(said.includes(Object.values(env)[0]!))
      assert.deepEqual(readdirSync(join(directory, 'vibecoin-network-interop')), [])
    })
  }

  it('is done once for the same sources', async () => {
    withCargo()
    const first = await build()
    const path = /interop\/rust: (.+), built in \d+ s\n/.exec(first.said)?.[1]
    assert.equal(readFileSync(path ?? '', 'utf8'), 'peer\n')
    assert.match((await build()).said, new RegExp(`interop/rust: ${path}\n`))
    assert.deepEqual(calls(), ['--version', 'fetch', 'build'])
  })

  it('uses the peer that the variable names', async () => {
    withCargo()
    const { code, said } = await build({ VIBECOIN_RUST_PEER: '/elsewhere/peer' })
    assert.equal(code, 0)
    assert.match(said, /interop\/rust: \/elsewhere\/peer, as VIBECOIN_RUST_PEER says\n/)
  })
})

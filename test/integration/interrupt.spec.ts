import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { CommandRun } from './command-run.ts'

const PRELOAD = new URL('child-hang.ts', import.meta.url).href

describe('integration/interrupt', function () {
  this.timeout(30_000)

  let directory: string
  let command: CommandRun | undefined

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'vibecoin-test-'))
  })

  afterEach(async () => {
    command?.child.kill('SIGKILL')
    await command?.end()
    await rm(directory, { recursive: true, force: true })
  })

  /** Runs a node until it has asked for what never answers. */
  async function start (kind: 'listen' | 'files' | 'names', args: string[] = []): Promise<CommandRun> {
    const pipe = join(directory, 'pipe')
    await promisify(execFile)('mkfifo', [pipe])
    command = new CommandRun(['start', '--json', '--listen', '/ip4/127.0.0.1/tcp/0', ...args], {
      NODE_OPTIONS: `--import ${PRELOAD}`, TEST_HANG: kind, TEST_PIPE: pipe, TMPDIR: directory
    })
    await command.line('hangs')

    return command
  }

  /** What is left of the files of the command. */
  const leftovers = async (): Promise<string[]> => (await readdir(directory)).filter((name) => name !== 'pipe')

  const kinds: [kind: 'listen' | 'files', what: string][] = [
    ['listen', 'a port that is never given'],
    ['files', 'a store that never opens']
  ]

  for (const [kind, what] of kinds) {
    for (const name of ['SIGTERM', 'SIGINT'] as const) {
      it(`ends after ${name} (${what})`, async () => {
        const { child } = await start(kind)
        child.kill(name)
        const { code, signal, err } = await command!.end()
        assert.deepEqual([code, signal], [null, name])
        assert.equal(err, 'vibecoin-network: The node did not start within 2 s\n')
        assert.deepEqual(await leftovers(), [])
      })
    }

    it(`ends at once after a second signal (${what})`, async () => {
      const { child } = await start(kind)
      child.kill('SIGTERM')
      child.kill('SIGINT')
      const { code, signal, err } = await command!.end()
      assert.equal(code, null)
      assert.ok(signal === 'SIGINT' || signal === 'SIGTERM', String(signal))
      assert.equal(err, '')
      assert.deepEqual(await leftovers(), [])
    })
  }

  it('starts and ends with 0 where names are never found', async () => {
    await start('names', ['--seed', '/dns4/seed.invalid/tcp/8765'])
    await command!.line('started')
    command!.child.kill('SIGTERM')
    const { code, err, lines } = await command!.end()
    assert.equal(code, 0, err)
    assert.equal(lines.at(-1)?.event, 'stopped')
  })
})

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { AdminClient } from '../../src/admin/client.ts'
import { eventually } from '../support/eventually.ts'
import { useTempDir } from '../support/temp-dir.ts'
import type { ChildProcess, StdioOptions } from 'node:child_process'
import type { NetworkStatus } from '../../src/index.ts'

const BIN_FILE = fileURLToPath(new URL('../../src/cli/bin.ts', import.meta.url))

/** What can never be written. */
const FULL = '/dev/full'

/** Blocks that the node makes while all that it prints is lost. */
const BLOCKS = 3

describe('integration/lost-output', function () {
  this.timeout(30_000)

  const path = useTempDir()
  let child: ChildProcess | undefined

  afterEach(() => { child?.kill('SIGKILL') })

  /** Starts a node. `full` stands for an output that cannot be written. */
  function start (stdio: ('pipe' | 'full')[]): ChildProcess {
    const files = stdio.map((kind) => kind === 'full' ? openSync(FULL, 'w') : kind)
    const args = ['start', '--data-dir', path('data'), '--listen', '/ip4/127.0.0.1/tcp/0', '--make-blocks', '0.05', '--log-level', 'debug']
    const all: StdioOptions = ['ignore', ...files]
    child = spawn(process.execPath, [BIN_FILE, ...args], { stdio: all })
    files.forEach((file) => { if (typeof file === 'number') { closeSync(file) } })

    return child
  }

  async function textOf (stream: NonNullable<ChildProcess['stderr']>): Promise<string> {
    return (await stream.setEncoding('utf8').toArray()).join('')
  }

  it('a node goes on while neither its output nor its log can be written', async function () {
    if (!existsSync(FULL)) {
      this.skip()
    }

    const command = start(['full', 'full'])
    const ended = once(command, 'exit')
    await eventually(() => existsSync(path('data', 'network', 'admin.sock')), 'the admin socket', { timeout: 20_000 })
    const client = await AdminClient.connect(path('data'))
    let height = 0

    // each answer is waited for, and there is none when the node has ended
    while (height < BLOCKS) {
      height = (await client.call<NetworkStatus>('status')).tip?.height ?? 0
    }

    client.close()
    command.kill('SIGTERM')
    assert.deepEqual(await ended, [0, null])
  })

  it('a node ends with 1, and says why, when the reader of its output has gone', async () => {
    const command = start(['pipe', 'pipe'])
    const [ended, said] = [once(command, 'exit'), textOf(command.stderr!)]
    await once(command.stdout!, 'data')
    command.stdout!.destroy()
    assert.deepEqual(await ended, [1, null])
    assert.match(await said, /^vibecoin-network: Nothing reads the output any more, and so the node was stopped: /m)
  })
})

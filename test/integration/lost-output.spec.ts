import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { AdminClient } from '../../src/admin/client.ts'
import { eventually } from '../support/eventually.ts'
import { useTempDir } from '../support/temp-dir.ts'
import type { ChildProcess } from 'node:child_process'
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

  it('a node goes on while neither its output nor its log can be written', async function () {
    if (!existsSync(FULL)) {
      this.skip()
    }

    const full = openSync(FULL, 'w')
    const args = ['start', '--data-dir', path('data'), '--listen', '/ip4/127.0.0.1/tcp/0', '--make-blocks', '0.05', '--log-level', 'debug']
    child = spawn(process.execPath, [BIN_FILE, ...args], { stdio: ['ignore', full, full] })
    closeSync(full)
    const ended = once(child, 'exit')
    await eventually(() => existsSync(path('data', 'network', 'admin.sock')), 'the admin socket', { timeout: 20_000 })
    const client = await AdminClient.connect(path('data'))
    let height = 0

    // each answer is waited for, and there is none when the node has ended
    while (height < BLOCKS) {
      height = (await client.call<NetworkStatus>('status')).tip?.height ?? 0
    }

    client.close()
    child.kill('SIGTERM')
    assert.deepEqual(await ended, [0, null])
  })
})

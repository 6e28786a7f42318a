import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hasHistory } from '../support/older-tree.ts'

const RUN = join(import.meta.dirname, 'run.ts')

interface Outcome { code: number | null, output: string }

/** Runs it; `onOutput` is told of all that was printed so far. */
async function run (args: string[], onOutput: (output: string, interrupt: () => void) => void = () => {}): Promise<Outcome> {
  const child = spawn(process.execPath, [RUN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  const onData = (chunk: string): void => {
    output += chunk
    onOutput(output, () => { child.kill('SIGINT') })
  }

  child.stdout.setEncoding('utf8').on('data', onData)
  child.stderr.setEncoding('utf8').on('data', onData)
  await once(child, 'close')

  return { code: child.exitCode, output }
}

async function directories (): Promise<string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith('vibecoin-chaos-'))
}

describe('chaos/chaos', () => {
  it('leaves a network of real nodes with all of its sessions, one chain, and nothing of what was', async function () {
    this.timeout(120_000)
    const { code, output } = await run(['--nodes', '4', '--older', hasHistory() ? '1' : '0', '--seconds', '9', '--seed', '1'])

    assert.equal(code, 0, output)
    assert.match(output, /^all is well$/m)
    assert.match(output, /[1-9]\d* kill, [1-9]\d* pause, .*, [1-9]\d* partition; [1-9]\d* blocks made/)
  })

  it('ends soon after Ctrl-C, with 130 and nothing left of it', async function () {
    this.timeout(60_000)
    const before = await directories()
    let hasInterrupted = false
    const { code, output } = await run(['--nodes', '3', '--seconds', '600'], (output, interrupt) => {
      if (!hasInterrupted && output.includes('nodes are up')) {
        hasInterrupted = true
        interrupt()
      }
    })

    assert.equal(code, 130, output)
    assert.doesNotMatch(output, /PROBLEM/)
    assert.deepEqual((await directories()).filter((name) => !before.includes(name)), [])
  })

  it('says how it is used, and what is wrong about how it is', async () => {
    const [help, wrong] = await Promise.all([run(['--help']), run(['--nodes', '1'])])

    assert.equal(help.code, 0)
    assert.match(help.output, /--seconds S .*--nodes N .*--seed S/s)
    assert.equal(wrong.code, 2)
    assert.match(wrong.output, /^Expected --nodes to be a whole number from 3 to 32, got 1$/m)
  })
})

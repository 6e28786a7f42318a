import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const RUN = join(import.meta.dirname, 'run.ts')

/** A line with a measurement: its 14 numbers. */
const SAMPLE = /^ +\d+( +\d+\.\d+){3}( +\d+){10}$/m

interface Outcome { code: number | null, output: string }

async function run (args: string[], interruptAt?: RegExp): Promise<Outcome> {
  const child = spawn(process.execPath, [RUN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  const onData = (chunk: string): void => {
    output += chunk

    if (interruptAt?.test(output) === true) {
      child.kill('SIGINT')
    }
  }

  child.stdout.setEncoding('utf8').on('data', onData)
  child.stderr.setEncoding('utf8').on('data', onData)
  await once(child, 'close')

  return { code: child.exitCode, output }
}

describe('soak/soak', () => {
  it('measures nodes at rest, with all of their sessions, that have reconnected and sent pings, and ends with 130 after Ctrl-C', async function () {
    this.timeout(60_000)
    const { code, output } = await run(['--minutes', '0.2', '--seed', '1'], SAMPLE)
    const [, , , , , , sessions, reconnects, pings, , , , identities, cuts] = SAMPLE.exec(output)?.[0].trim().split(/\s+/) ?? []

    assert.equal(code, 130, output)
    assert.equal(sessions, '34')
    assert([reconnects, pings, identities, cuts].every((count) => Number(count) > 0), output)
  })

  it('says how it is used, and what is wrong about how it is', async () => {
    const [help, wrong] = await Promise.all([run(['--help']), run(['--minutes', '0'])])

    assert.equal(help.code, 0)
    assert.match(help.output, /--minutes M .*--seed S .*--leak BYTES.*heap: \d+ MiB an hour/s)
    assert.equal(wrong.code, 2)
    assert.match(wrong.output, /^Expected --minutes to be a number from 0.2 to 10080, got 0$/m)
  })
})

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { savedInputs } from './seeds.ts'
import { TARGETS } from './targets/index.ts'

const RUN = join(import.meta.dirname, 'run.ts')

interface Outcome { code: number, output: string }

async function run (...args: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    // branches are counted in code that is compiled by this process
    const env = { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1' }
    execFile(process.execPath, [RUN, ...args], { env, maxBuffer: 16 * 1024 * 1024 }, (err, stdout, stderr) => {
      resolve({ code: err == null ? 0 : Number(err.code), output: stdout + stderr })
    })
  })
}

describe('fuzz/fuzz', () => {
  describe('a run', () => {
    let outcome: Outcome

    before(async function () {
      this.timeout(120_000)
      outcome = await run('--inputs', '20000', '--seed', '1')
    })

    it('finds nothing in 20,000 inputs', () => {
      assert.equal(outcome.code, 0, outcome.output)
      assert.match(outcome.output, /^20000 inputs, .* 0 findings$/m)
    })

    it('takes most branches of the codec and of a session', () => {
      const [, taken] = /(\d+) of \d+ branches/.exec(outcome.output) ?? []

      // what is kept of earlier runs takes all that they took; far less would mean that it leads nowhere any more
      assert(Number(taken) > 1300, outcome.output)
    })
  })

  it('has something to go on from for each target', () => {
    assert.deepEqual(TARGETS.filter(({ name }) => savedInputs(name).length === 0).map(({ name }) => name), [])
  })

  it('says how it is used', async () => {
    const { code, output } = await run('--help')

    assert.equal(code, 0)
    assert.match(output, /--inputs N .*--target NAME .*frames, messages/s)
  })

  it('refuses what it does not understand', async () => {
    const { code, output } = await run('--seed', '4294967296')

    assert.equal(code, 2)
    assert.equal(output, 'Expected --seed to be a whole number from 0 to 4294967295, got 4294967296\n')
  })
})

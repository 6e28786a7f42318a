import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { runInNewContext } from 'node:vm'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { assertRuntime, checkRuntime } from '../../src/util/runtime.ts'

const script = fileURLToPath(new URL('../../scripts/check-node.js', import.meta.url))

describe('util/runtime: runtime', () => {
  for (const node of ['22.18.0', '22.18.0-nightly20250101', 'v22.19.0', '23.0.0', '24.21.0', '100.0.0']) {
    it(`takes Node.js ${node}`, () => {
      assert.equal(checkRuntime({ node }), undefined)
    })
  }

  for (const node of ['22.17.9', '22.0.0', '21.99.0', '20.20.2', '20.18.0', '9.30.0']) {
    it(`refuses Node.js ${node} and says which one is needed`, () => {
      const problem = checkRuntime({ node }) ?? ''

      assert.ok(problem.startsWith(`vibecoin-network needs Node.js 22.18 or later (this is ${node})`), problem)
    })
  }

  it('refuses a runtime without Promise.withResolvers, whatever version it claims', () => {
    assert.match(checkRuntime({ node: '24.0.0' }, false) ?? '', /^vibecoin-network needs .*Promise\.withResolvers \(this is 24\.0\.0/)
  })

  it('takes a runtime that is not Node.js if it has Promise.withResolvers', () => {
    assert.equal(checkRuntime({}, true), undefined)
    assert.match(checkRuntime({}, false) ?? '', /Promise\.withResolvers \(this runtime has none\)/)
  })

  it('lets the runtime of the tests pass', () => {
    assertRuntime()
  })

  it('throws an UnsupportedRuntimeError where Promise.withResolvers is missing', () => {
    const original = Object.getOwnPropertyDescriptor(Promise, 'withResolvers')!
    Reflect.deleteProperty(Promise, 'withResolvers')

    try {
      assert.throws(assertRuntime, { name: 'UnsupportedRuntimeError', message: /^vibecoin-network needs Node\.js 22\.18 or later/ })
    } finally {
      Object.defineProperty(Promise, 'withResolvers', original)
    }
  })
})

describe('util/runtime: check-node.js', () => {
  /** The script as a Node.js of that version would run it. */
  function runWith (node: string): { code: number | undefined, output: string } {
    const run: { code: number | undefined, output: string } = { code: undefined, output: '' }

    runInNewContext(readFileSync(script, 'utf8'), {
      process: { versions: { node }, execPath: '/usr/bin/node', exit: (code: number) => { run.code = code } },
      console: { error: (text: string) => { run.output += text } }
    })

    return run
  }

  it('is silent on the Node.js of the tests', async () => {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [script])

    assert.equal(stdout + stderr, '')
  })

  it('accepts 22.18.0 and refuses 22.17.1', () => {
    assert.deepEqual(runWith('22.18.0'), { code: undefined, output: '' })
    assert.equal(runWith('22.17.1').code, 1)
  })

  it('says which Node.js was found, how to get the right one, and which settings may have prevented it', () => {
    const { code, output } = runWith('20.20.2')

    assert.equal(code, 1)

    for (const part of ['22.18', '20.20.2 (/usr/bin/node)', 'npm ci', '--ignore-scripts', 'allowScripts']) {
      assert.ok(output.includes(part), `"${part}" in ${output}`)
    }
  })

  it('is written for an old Node.js: no imports, no syntax newer than ES5', () => {
    const source = readFileSync(script, 'utf8').replace(/^ *\/\/.*$/gm, '')

    assert.doesNotMatch(source, /^\s*(import|export|const|let)\b|=>|\?\.|\?\?|\$\{/m)
  })
})
